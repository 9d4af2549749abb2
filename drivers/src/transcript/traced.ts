import type { ByteStream, Traffic } from "../line/index.ts";

/**
 * The same stream, of whose bytes `onTraffic` is told as they pass; its end, or that it broke, is a piece of the device's without bytes. `shown`: a piece without
 * its secrets, where the device says or wants some.
 */
export function traced(
  stream: ByteStream,
  port: string,
  onTraffic: ((traffic: Traffic) => void) | undefined,
  shown: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes,
): ByteStream {
  if (!onTraffic) return stream;
  const tell = (direction: Traffic["direction"], bytes: Uint8Array) => onTraffic({ port, direction, bytes: shown(bytes) });
  return {
    chunks: (async function* () {
      const end = () => tell("in", new Uint8Array());
      try {
        for await (const bytes of stream.chunks) {
          tell("in", bytes);
          yield bytes;
        }
      } catch (err) {
        end();
        throw err;
      }
      end();
    })(),
    write(bytes) {
      tell("out", bytes);
      return stream.write(bytes);
    },
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
}
