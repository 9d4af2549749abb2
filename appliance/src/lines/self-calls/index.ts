export { type SelfCalled, SelfCalls, type SelfCallsDeps } from "./self-calls.ts";
