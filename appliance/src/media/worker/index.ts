export { type BadNetwork, type HeardThrough, hearThrough } from "./bad-network.ts";
export { Outbox } from "./outbox.ts";
export type { FrameBatch, FromWorker, LegMessage, Questions, ToWorker } from "./protocol.ts";

/** The module that a worker process runs. */
export const rtpWorkerUrl = new URL("./rtp-worker.ts", import.meta.url);
