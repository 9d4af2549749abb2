export { CallTraces, type CallTracesDeps } from "./call-traces.ts";
export { Explainer, type ExplainerDeps } from "./explainer.ts";
export { withoutNumbers } from "./redact.ts";
