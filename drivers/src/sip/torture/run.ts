import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import type { WireMessage } from "../../line/index.ts";
import { openSipEndpoint } from "../index.ts";
import { plainRtpPorts } from "../testing/index.ts";
import { type Outcome, type TortureCase, tortureCases } from "./table.ts";

export interface TortureResult extends TortureCase {
  readonly got: Outcome;
  readonly asExpected: boolean;
}

const HOST = "127.0.0.1";
const FENCE = "after-the-torture";

/** Sends each message to an endpoint of its own over UDP and tells what came of it, with the endpoint proven alive behind each. */
export async function runTorture(folder: URL): Promise<readonly TortureResult[]> {
  const results: TortureResult[] = [];
  for (const each of tortureCases) {
    const got = await outcomeOf(readFileSync(new URL(each.file, folder)));
    results.push({ ...each, got, asExpected: each.expected.includes(got) });
  }
  return results;
}

async function outcomeOf(message: Uint8Array): Promise<Outcome> {
  const answers: number[] = [];
  const alive = Promise.withResolvers<void>();
  const onWire = ({ direction, bytes }: WireMessage) => {
    if (direction === "in") return;
    // Read by hand: what is refused is repeated in the refusal, as unreadable as it came.
    const text = Buffer.from(bytes).toString("latin1");
    const status = Number(/^SIP\/2\.0 ([2-6][0-9]{2}|18[0-9]) /.exec(text)?.[1]);
    if (text.includes(FENCE)) alive.resolve();
    else if (status > 0) answers.push(status);
  };
  const deps = { clock: systemClock, log: silentLog, rtp: plainRtpPorts(systemClock), onWire };
  await using endpoint = await openSipEndpoint({ listen: { host: HOST, port: 0 } }, deps);
  const socket = createSocket("udp4");
  socket.bind(0, HOST);
  await once(socket, "listening");
  const { port } = socket.address();
  const fence = [
    `OPTIONS sip:box@${HOST} SIP/2.0`,
    `Via: SIP/2.0/UDP ${HOST}:${port};branch=z9hG4bKfence;rport`,
    `From: <sip:fence@${HOST}>;tag=1`,
    `To: <sip:box@${HOST}>`,
    `Call-ID: ${FENCE}`,
    "CSeq: 1 OPTIONS",
    "Content-Length: 0",
    "\r\n",
  ].join("\r\n");
  for (const bytes of [message, Buffer.from(fence)]) {
    const sent = Promise.withResolvers<void>();
    socket.send(bytes, endpoint.address.udpPort, HOST, (error) => (error ? sent.reject(error) : sent.resolve()));
    await sent.promise;
  }
  await alive.promise;
  socket.close();
  return answers[0] ?? "dropped";
}

/** The results as a table for people: message, expected, got. */
export function formatTorture(results: readonly TortureResult[]): string {
  const lines = results.map(({ section, file, about, expected, got, asExpected }) =>
    [
      section.padEnd(9),
      file.padEnd(22),
      expected.join("|").padEnd(26),
      String(got).padEnd(8),
      asExpected ? "ok " : "NO ",
      about,
    ].join(" "),
  );
  const right = results.filter(({ asExpected }) => asExpected).length;
  const head = ["section".padEnd(9), "message".padEnd(22), "expected".padEnd(26), "got".padEnd(8), "   ", "what it is"].join(" ");
  return [head, ...lines, `${right} of ${results.length} as RFC 4475 has it`, ""].join("\n");
}
