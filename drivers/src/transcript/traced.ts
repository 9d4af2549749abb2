import type { ByteStream, Traffic } from "../line/index.ts";

/** What stands in traffic for a secret, in whatever length, so that a driver with that for its secret says the same in a replay. */
export const HIDDEN = "***";

/** A piece of traffic without the secrets in it. Pieces come in order, and cut anywhere. */
export type Shown = (bytes: Uint8Array, direction: Traffic["direction"]) => Uint8Array;

/**
 * The same stream, of whose bytes `onTraffic` is told as they pass; its end, or that it broke, is a piece of the device's without bytes. A driver
 * whose device wants a password or PIN hides it with `shown`: nobody behind it knows where one stands.
 */
export function traced(
  stream: ByteStream,
  port: string,
  onTraffic: ((traffic: Traffic) => void) | undefined,
  shown: Shown = (bytes) => bytes,
): ByteStream {
  if (!onTraffic) return stream;
  const tell = (direction: Traffic["direction"], whole: Uint8Array) => {
    const bytes = shown(whole, direction);
    // Without bytes it would say that the device is gone.
    if (bytes.length > 0) onTraffic({ port, direction, bytes });
  };
  return {
    chunks: (async function* () {
      const end = () => onTraffic({ port, direction: "in", bytes: new Uint8Array() });
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
