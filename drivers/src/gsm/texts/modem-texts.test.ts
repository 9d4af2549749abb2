import { describeTexts } from "../../line/testing/index.ts";
import { openRig } from "./rig.testing.ts";

describeTexts("the texts of a modem", () => openRig(), { reports: true, reopen: true, parts: true });
