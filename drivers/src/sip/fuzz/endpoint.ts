import { createSocket } from "node:dgram";
import { once } from "node:events";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import type { RtpPort } from "../../line/index.ts";
import { openSipEndpoint } from "../index.ts";
import { plainRtpPorts } from "../testing/index.ts";
import { corpus } from "./corpus.ts";
import { mutated, seeded } from "./mutate.ts";

export interface EndpointFuzzFigures {
  readonly messages: number;
  /** Calls that the mutated messages managed to bring about; each is refused. */
  readonly calls: number;
  /** What is left after all calls and two minutes: timers of the endpoint beyond those it began with, and RTP ports. */
  readonly leftTimers: number;
  readonly leftPorts: number;
  readonly tookMs: number;
}

const HOST = "127.0.0.1";
/** So many datagrams fit a socket's buffer; then the endpoint is asked whether it has read them all. */
const BATCH = 100;
/** Longer than any transaction, registration attempt or subscription of the fuzz lives. */
const AFTER_MS = 4_000_000;

/** Sends `count` mutated messages to a whole endpoint over UDP, on a clock of its own. Rejects when the endpoint stops answering. */
export async function fuzzEndpoint(
  count: number,
  { seed = 1, now = () => performance.now() } = {},
): Promise<EndpointFuzzFigures> {
  const startedAt = now();
  const clock = new VirtualClock();
  const plain = plainRtpPorts(systemClock);
  let ports = 0;
  const rtp = {
    open: async (address: string): Promise<RtpPort> => {
      const port = await plain.open(address);
      const close = port[Symbol.asyncDispose].bind(port);
      ports++;
      let open = true;
      port[Symbol.asyncDispose] = async () => {
        if (open) ports--;
        open = false;
        await close();
      };
      return port;
    },
  };
  await using endpoint = await openSipEndpoint({ listen: { host: HOST, port: 0 } }, { clock, log: silentLog, rtp });
  const pendingAtFirst = clock.pending;
  let calls = 0;
  const refusing = (async () => {
    for await (const leg of endpoint.incoming) {
      calls++;
      await leg.hangup("rejected");
    }
  })();
  const socket = createSocket("udp4");
  socket.bind(0, HOST);
  await once(socket, "listening");
  const fences = new Map<string, () => void>();
  socket.on("message", (bytes) => {
    const [, id = ""] = /Call-ID: (fence-\d+)/i.exec(bytes.toString("latin1")) ?? [];
    fences.get(id)?.();
    fences.delete(id);
  });
  const send = (bytes: Uint8Array) =>
    new Promise<void>((resolve) => {
      socket.send(bytes, endpoint.address.udpPort, HOST, () => resolve());
    });
  for (let from = 0; from < count; from += BATCH) {
    for (let n = from; n < Math.min(count, from + BATCH); n++) {
      const random = seeded(seed + n);
      await send(mutated(fresh(corpus[Math.floor(random() * corpus.length)], n), random, corpus));
    }
    const id = `fence-${from}`;
    const answered = new Promise<void>((resolve) => fences.set(id, resolve));
    await send(fence(id, socket.address().port));
    await answered;
    await clock.advance(1_000);
  }
  await clock.advance(AFTER_MS);
  socket.close();
  const figures = {
    messages: count,
    calls,
    leftTimers: clock.pending - pendingAtFirst,
    leftPorts: ports,
    tookMs: now() - startedAt,
  };
  const closing = endpoint[Symbol.asyncDispose]();
  await clock.advance(5_000);
  await closing;
  await refusing;
  return figures;
}

/** A message of a transaction and a call of its own: otherwise nearly all would be repetitions of the first. */
const fresh = (message: Buffer | undefined, n: number) =>
  Buffer.from(
    (message ?? Buffer.alloc(0))
      .toString("latin1")
      .replaceAll("branch=z9hG4bK", `branch=z9hG4bK${n}-`)
      .replace("Call-ID: ", `Call-ID: ${n}-`),
    "latin1",
  );

const fence = (id: string, port: number) =>
  Buffer.from(
    [
      `OPTIONS sip:box@${HOST} SIP/2.0`,
      `Via: SIP/2.0/UDP ${HOST}:${port};branch=z9hG4bK${id};rport`,
      `From: <sip:fence@${HOST}>;tag=1`,
      `To: <sip:box@${HOST}>`,
      `Call-ID: ${id}`,
      "CSeq: 1 OPTIONS",
      "Content-Length: 0",
      "\r\n",
    ].join("\r\n"),
  );
