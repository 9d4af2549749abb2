import type { ByteStream, Traffic } from "../line/index.ts";

/** The same stream, of whose bytes `onTraffic` is told as they pass; its end is a piece of the device's without bytes. */
export function traced(stream: ByteStream, port: string, onTraffic: ((traffic: Traffic) => void) | undefined): ByteStream {
  if (!onTraffic) return stream;
  return {
    chunks: (async function* () {
      for await (const bytes of stream.chunks) {
        onTraffic({ port, direction: "in", bytes });
        yield bytes;
      }
      onTraffic({ port, direction: "in", bytes: new Uint8Array() });
    })(),
    write(bytes) {
      onTraffic({ port, direction: "out", bytes });
      return stream.write(bytes);
    },
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
}
