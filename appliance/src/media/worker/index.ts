export type { FrameBatch, FromWorker, Questions, Recorded, ToWorker } from "./protocol.ts";

/** The module that a worker thread runs. */
export const rtpWorkerUrl = new URL("./rtp-worker.ts", import.meta.url);
