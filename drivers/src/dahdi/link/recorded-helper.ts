import { Channel } from "@sitebox/core/kernel";
import type { ByteStream, Traffic } from "../../line/index.ts";
import { FrameCutter, ProtocolError } from "../protocol/index.ts";

/** A helper's one connection, as traffic tells of it: words and sound apart, for sound is left out where nobody asked for it. */
export type HelperPort = "helper" | "audio";

/**
 * The same stream, of whose whole frames `onTraffic` is told as they pass: control as "helper", sound as "audio". The end is a piece of the
 * helper's without bytes. What is no frame is told with the sound, of which it may be a part.
 */
export function tracedHelper(stream: ByteStream, onTraffic: ((traffic: Traffic) => void) | undefined): ByteStream {
  if (!onTraffic) return stream;
  const teller = (direction: Traffic["direction"]) => {
    const cutter = new FrameCutter();
    return (chunk: Uint8Array) => {
      try {
        for (const { type, bytes } of cutter.cut(chunk)) onTraffic({ port: portOf(type), direction, bytes });
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        onTraffic({ port: "audio", direction, bytes: chunk });
      }
    };
  };
  const came = teller("in");
  const went = teller("out");
  return {
    chunks: (async function* () {
      const end = () => onTraffic({ port: "helper", direction: "in", bytes: new Uint8Array() });
      try {
        for await (const bytes of stream.chunks) {
          came(bytes);
          yield bytes;
        }
      } catch (err) {
        end();
        throw err;
      }
      end();
    })(),
    write(bytes) {
      went(bytes);
      return stream.write(bytes);
    },
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
}

/**
 * The helper of a recording, of whose two ports `open` gives the recorded sides. A recording without sound has a silent "audio", and the driver
 * does what it does on a silent line.
 */
export function replayedHelper(open: (port: HelperPort) => ByteStream): ByteStream {
  const helper = open("helper");
  const audio = open("audio");
  const chunks = new Channel<Uint8Array>(Number.POSITIVE_INFINITY);
  const cutter = new FrameCutter();
  void pass(helper, chunks).then(() => chunks.close());
  void pass(audio, chunks);
  return {
    chunks,
    async write(bytes) {
      for (const frame of cutter.cut(bytes)) await (portOf(frame.type) === "audio" ? audio : helper).write(frame.bytes);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([helper[Symbol.asyncDispose](), audio[Symbol.asyncDispose]()]);
    },
  };
}

const portOf = (type: "control" | "audio"): HelperPort => (type === "audio" ? "audio" : "helper");

async function pass({ chunks }: ByteStream, to: Channel<Uint8Array>): Promise<void> {
  for await (const bytes of chunks) to.push(bytes);
}
