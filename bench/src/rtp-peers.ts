/** The far ends of the media benchmark's calls, in a process of their own: each sends a continuous tone and measures what it hears. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setPriority } from "node:os";
import { alaw, tone } from "@sitebox/drivers/sound";
import { bursts, seeded } from "./media-figures.ts";

/** What the benchmark tells the peers. */
export type ToPeers =
  | { readonly type: "open"; readonly count: number }
  /** Where each peer sends to, and what happens to its packets on the way. */
  | { readonly type: "start"; readonly ports: readonly number[]; readonly lossShare: number; readonly jitterMs: number }
  /** From now on what is heard counts. */
  | { readonly type: "measure" }
  | { readonly type: "stop" };

export type FromPeers =
  | { readonly type: "ports"; readonly ports: readonly number[] }
  | { readonly type: "heard"; readonly peers: readonly PeerHeard[] };

/** What one peer sent and heard while it counted. */
export interface PeerHeard {
  readonly sent: number;
  /** Packets that the way to the box was made to lose, and the longest such piece. */
  readonly lost: number;
  readonly longestLossMs: number;
  readonly received: number;
  /** The mean amplitude of each packet in the order of their time stamps. */
  readonly levels: readonly number[];
}

const SLOT_MS = 20;
/** The peers' packets are spread over a slot, as those of real telephones are. */
const GROUPS = 10;
const MEAN_BURST = 5;
const TONE_HERTZ = 500;

class Peer {
  readonly socket: Socket = createSocket("udp4");
  readonly #packet = Buffer.alloc(172);
  #levels: { at: number; level: number }[] = [];
  #sent = 0;
  #lost = 0;
  #lostRun = 0;
  #longestLost = 0;
  #isClosed = false;
  #sequence = 0;
  #counts = false;
  #losing = bursts(0, MEAN_BURST, Math.random);
  #random: () => number = Math.random;
  #port = 0;
  #jitterMs = 0;

  constructor(ssrc: number) {
    this.#packet.set([0x80, 8]);
    this.#packet.writeUInt32BE(ssrc, 8);
    alaw.encodeInto(tone(TONE_HERTZ, SLOT_MS, 8_000), this.#packet, 12);
    this.socket.on("message", (datagram) => this.#hear(datagram));
  }

  start(port: number, lossShare: number, jitterMs: number, seed: number): void {
    this.#port = port;
    this.#jitterMs = jitterMs;
    this.#random = seeded(seed);
    this.#losing = bursts(lossShare, MEAN_BURST, this.#random);
  }

  count(): void {
    this.#counts = true;
    this.#levels = [];
    this.#sent = this.#lost = this.#lostRun = this.#longestLost = 0;
  }

  close(): void {
    this.#isClosed = true;
    this.socket.close();
  }

  send(): void {
    this.#sequence++;
    this.#packet.writeUInt16BE(this.#sequence & 0xffff, 2);
    this.#packet.writeUInt32BE(this.#sequence * 160, 4);
    this.#sent++;
    const isLost = this.#losing.next().value;
    this.#lost += isLost ? 1 : 0;
    this.#lostRun = isLost ? this.#lostRun + 1 : 0;
    this.#longestLost = Math.max(this.#longestLost, this.#lostRun);
    if (isLost) return;
    const packet = Buffer.from(this.#packet);
    const leave = () => {
      if (!this.#isClosed) this.socket.send(packet, this.#port, "127.0.0.1");
    };
    if (this.#jitterMs === 0) leave();
    else setTimeout(leave, this.#random() * this.#jitterMs);
  }

  get heard(): PeerHeard {
    const ordered = this.#levels.toSorted((a, b) => (a.at - b.at) | 0).map(({ level }) => level);
    return {
      sent: this.#sent,
      lost: this.#lost,
      longestLossMs: this.#longestLost * SLOT_MS,
      received: ordered.length,
      levels: ordered,
    };
  }

  #hear(datagram: Buffer): void {
    if (!this.#counts || datagram.length !== 172) return;
    let sum = 0;
    for (const sample of alaw.decode(datagram.subarray(12))) sum += Math.abs(sample);
    this.#levels.push({ at: datagram.readUInt32BE(4), level: Math.round(sum / 160) });
  }
}

const peers: Peer[] = [];
let nextSlot = 0;
let pacing: NodeJS.Timeout | undefined;

/** Sends what is due since the last turn: each group of peers has its own place in the slot. */
function turn(startedAt: number): void {
  const due = Math.floor(((performance.now() - startedAt) * GROUPS) / SLOT_MS);
  for (; nextSlot <= due; nextSlot++) for (let n = nextSlot % GROUPS; n < peers.length; n += GROUPS) peers[n]?.send();
}

/** Resolves when the message has left. */
const tell = (message: FromPeers) =>
  new Promise<void>((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve());
  });

async function take(message: ToPeers): Promise<void> {
  switch (message.type) {
    case "open":
      for (let n = 0; n < message.count; n++) {
        const peer = new Peer(n + 1);
        peer.socket.bind(0, "127.0.0.1");
        await once(peer.socket, "listening");
        peers.push(peer);
      }
      await tell({ type: "ports", ports: peers.map(({ socket }) => socket.address().port) });
      break;
    case "start": {
      for (const [n, peer] of peers.entries()) peer.start(message.ports[n] ?? 0, message.lossShare, message.jitterMs, n + 1);
      const startedAt = performance.now();
      pacing = setInterval(() => turn(startedAt), SLOT_MS / GROUPS);
      break;
    }
    case "measure":
      for (const peer of peers) peer.count();
      break;
    case "stop":
      clearInterval(pacing);
      for (const peer of peers) peer.close();
      await tell({ type: "heard", peers: peers.map(({ heard }) => heard) });
      process.disconnect();
      break;
  }
}

try {
  // What the world does is not to wait for the box.
  setPriority(-5);
} catch {
  // Only where the system lets us.
}
process.on("message", (message: ToPeers) => void take(message));
