/** A process with a recorded call, for tests that kill it: tells its worker's process id once three seconds are recorded. Its argument is the file. */
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { WorkerMedia } from "../open-media.ts";

const [file = ""] = process.argv.slice(2);
const media = new WorkerMedia({ clock: systemClock, log: silentLog });
const port = await media.rtp.open("127.0.0.1");
port.connect({ address: "127.0.0.1", port: 9, codec: "PCMA", payloadType: 8, send: true, receive: true });
await media.attach(port).record(file);
let heard = 0;
for await (const _ of port.frames) if (++heard === 150) process.send?.(media.workers[0]?.pid);
