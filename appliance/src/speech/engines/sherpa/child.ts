import { encodeMessage, type Message, MessageReader } from "../../processes/index.ts";

/** The engine's side of a process: answers on standard output, ends with its input. */
export interface ChildPort {
  send(type: string, session: number, payload?: Uint8Array): void;
}

/** Serves the requests of standard input; pings are answered here. Tell the other side `r` when the model is loaded. */
export function serveRequests(handle: (message: Message) => void): ChildPort {
  const port: ChildPort = { send: (type, session, payload) => void process.stdout.write(encodeMessage(type, session, payload)) };
  const reader = new MessageReader();
  process.stdin.on("data", (chunk: Buffer) => {
    for (const message of reader.read(chunk)) {
      if (message.type === "P") port.send("p", 0);
      else handle(message);
    }
  });
  return port;
}

/** What sherpa-onnx takes: −1 to 1. */
export function toFloat(samples: Int16Array): Float32Array {
  return Float32Array.from(samples, (sample) => sample / 32_768);
}
