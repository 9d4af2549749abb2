export { type BoxConfigInput, type DemoUplink, demoBox, ensureDemoBox, localHeadquarters } from "./demo-box.ts";
