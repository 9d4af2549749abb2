import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openMedia } from "@sitebox/appliance/media";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import type { RtpRemote } from "@sitebox/drivers/line";
import { childrenOf } from "@sitebox/test";
import { quantile } from "./latency.ts";
import { cpuSeconds } from "./machine.ts";
import { departuresIn, interDepartures, silenceIn } from "./media-figures.ts";
import type { FromPeers, PeerHeard, ToPeers } from "./rtp-peers.ts";

export interface MediaLoad {
  /** Bridged calls, each of two legs and one two-channel recording. */
  readonly calls: number;
  /** How long is measured, after {@link WARM_UP_MS}. */
  readonly seconds: number;
  /** The share of packets to the box that is lost, in bursts of five on average; none unless told. */
  readonly lossShare?: number;
  /** Packets to the box are late by up to so much, at random; not at all unless told. */
  readonly jitterMs?: number;
  /** The main process is kept from running for 200 ms of each 250. */
  readonly busyMain?: boolean;
  readonly record?: boolean;
}

export interface MediaLoadFigures {
  readonly calls: number;
  /** CPU of all worker processes, in percent of one core, for each call. */
  readonly cpuPercentPerCall: number;
  readonly workers: number;
  /** Times between the packets of each stream as the kernel sent them, in ms; absent where captures are not permitted. */
  readonly interDeparture?: { readonly p50: number; readonly p99: number; readonly max: number; readonly packets: number };
  /** What the far ends heard of each other's continuous tone. */
  readonly heard: {
    readonly packets: number;
    /** What the way to the box took of the tone: all of it, and the median over all far ends of the longest loss in one piece. */
    readonly lostShare: number;
    readonly typicalLongestLossMs: number;
    /** Silence in what was heard, as a share of it. */
    readonly silentShare: number;
    readonly longestSilenceMs: number;
    /** The median over all far ends of their longest silence. */
    readonly typicalLongestSilenceMs: number;
  };
}

const LOCAL = "127.0.0.1";
/** Below the ephemeral ports, so that nothing else is captured. */
const PORTS = { first: 23_000, last: 25_999 };
const WARM_UP_MS = 3_000;
const CAPTURE_BYTES = 64;

const remote = (port: number): RtpRemote => ({
  address: LOCAL,
  port,
  codec: "PCMA",
  payloadType: 8,
  telephoneEvent: 101,
  send: true,
  receive: true,
});

class Peers implements AsyncDisposable {
  readonly #process: ChildProcess = fork(new URL("./rtp-peers.ts", import.meta.url), { serialization: "advanced", execArgv: [] });

  tell(message: ToPeers): void {
    this.#process.send(message);
  }

  async answer<T extends FromPeers["type"]>(type: T): Promise<Extract<FromPeers, { type: T }>> {
    const ended = once(this.#process, "exit").then(() => {
      throw new Error("the peers' process has ended");
    });
    const [message] = (await Promise.race([once(this.#process, "message"), ended])) as [FromPeers];
    if (message.type !== type) throw new Error(`the peers said ${message.type} in place of ${type}`);
    return message as Extract<FromPeers, { type: T }>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exit = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exit;
  }
}

/** Captures what leaves the box's RTP ports, with the kernel's times. Gives nothing where that is not permitted. */
async function capture(file: string, seconds: number): Promise<Buffer | undefined> {
  // Sound leaves from the even ports, reports from the odd ones (RFC 3550 §11).
  const filter = `udp src portrange ${PORTS.first}-${PORTS.last} and udp[0:2] & 1 = 0`;
  const args = [
    "-q",
    "-P",
    "-i",
    "lo",
    "-s",
    String(CAPTURE_BYTES),
    "-B",
    "64",
    "-f",
    filter,
    "-a",
    `duration:${seconds}`,
    "-w",
    file,
  ];
  const dumpcap = spawn("dumpcap", args, { stdio: "ignore" });
  const code = await new Promise((resolve) => {
    dumpcap.on("error", () => resolve(undefined));
    dumpcap.on("exit", resolve);
  });
  return code === 0 ? await readFile(file) : undefined;
}

/** Keeps this process from running for most of the time, as a heavy page or query would. */
async function beBusy(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const until = performance.now() + 200;
    while (performance.now() < until);
    await wait(50);
  }
}

/** Runs calls through the media plane and measures what they cost and how they sound. Takes `seconds` and some ten more. */
export async function measureMediaLoad(load: MediaLoad): Promise<MediaLoadFigures> {
  const { calls, seconds, lossShare = 0, jitterMs = 0, busyMain = false, record = true } = load;
  await using owned = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sitebox-media-load-"));
  owned.defer(() => rm(folder, { recursive: true }));
  const media = owned.use(await openMedia({ clock: systemClock, log: silentLog, rtpPortRange: PORTS }));
  const peers = owned.use(new Peers());
  peers.tell({ type: "open", count: 2 * calls });
  const { ports } = await peers.answer("ports");

  const legs = [];
  for (const port of ports) {
    const near = owned.use(await media.rtp.open(LOCAL));
    near.connect(remote(port));
    legs.push({ near, media: media.attach(near) });
  }
  for (let n = 0; n < legs.length; n += 2) {
    const [a, b] = [legs[n], legs[n + 1]];
    if (!a || !b) throw new Error("legs come in pairs");
    await a.media.bridge(b.media);
    if (record) await a.media.record(join(folder, `${n}.wav`));
  }
  peers.tell({ type: "start", ports: legs.map(({ near }) => near.localPort), lossShare, jitterMs });
  await wait(WARM_UP_MS);

  const pids = await childrenOf(process.pid, "rtp-worker");
  const cpu = async () => (await Promise.all(pids.map(cpuSeconds))).reduce((sum, one) => sum + one, 0);
  const over = new AbortController();
  const busy = busyMain ? beBusy(over.signal) : Promise.resolve();
  const before = { cpu: await cpu(), at: performance.now() };
  peers.tell({ type: "measure" });
  const captured = capture(join(folder, "departures.pcap"), seconds);
  await wait(seconds * 1_000);
  const used = (await cpu()) - before.cpu;
  const elapsed = (performance.now() - before.at) / 1_000;
  const packets = await captured;
  over.abort();
  await busy;
  peers.tell({ type: "stop" });
  const heard = await peers.answer("heard");
  return {
    calls,
    workers: pids.length,
    cpuPercentPerCall: (100 * used) / elapsed / calls,
    ...(packets && { interDeparture: departureFigures(packets) }),
    heard: hearingFigures(heard.peers),
  };
}

function departureFigures(packets: Buffer) {
  const gaps = interDepartures(departuresIn(packets));
  const at = (share: number) => gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1), packets: gaps.length };
}

function hearingFigures(peers: readonly PeerHeard[]) {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const silences = peers.map(({ levels }) => silenceIn(levels));
  const packets = sum(peers.map(({ received }) => received));
  const longest = silences.map(({ longestMs }) => longestMs);
  return {
    packets,
    lostShare: sum(peers.map(({ lost }) => lost)) / Math.max(1, sum(peers.map(({ sent }) => sent))),
    typicalLongestLossMs: quantile(
      peers.map(({ longestLossMs }) => longestLossMs),
      0.5,
    ),
    silentShare: packets === 0 ? 0 : sum(silences.map(({ totalMs }) => totalMs)) / (packets * 20),
    longestSilenceMs: Math.max(0, ...longest),
    typicalLongestSilenceMs: quantile(longest, 0.5),
  };
}
