import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import type { Log } from "@sitebox/core/kernel";
import type { Digit, RtpRemote } from "@sitebox/drivers/line";
import { Reception } from "./reception.ts";
import { parseRtp } from "./rtp-packet.ts";
import { RtpReceiver } from "./rtp-receiver.ts";
import { RtpSender } from "./rtp-sender.ts";
import { SourceLock } from "./source-lock.ts";

interface Deps {
  readonly log: Log;
  readonly now: () => number;
  readonly onDigit: (digit: Digit) => void;
}

/** How long nothing may come before it is said in the log: before the first packet, and after it. */
const QUIET_AT_FIRST_MS = 30_000;
const QUIET_LATER_MS = 15_000;

/** Binds a UDP port; gives nothing where it is in use, and rejects for any other failure. */
export function bindUdp(address: string, port: number): Promise<Socket | undefined> {
  const socket = createSocket({
    type: address.includes(":") ? "udp6" : "udp4",
    // Only addresses are sent to, never names: each packet would wait for the resolver's turn otherwise.
    lookup: (host, _options, callback) => callback(null, host, host.includes(":") ? 6 : 4),
  });
  return new Promise((resolve, reject) => {
    socket.once("error", (error: NodeJS.ErrnoException) => {
      socket.close();
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

/** A port of 0 is a stream that was refused, the unspecified address an old way to put on hold (RFC 3264 §6, §8.4). */
function isReachable({ address, port }: RtpRemote): boolean {
  return port > 0 && port < 65_536 && address !== "0.0.0.0" && address !== "::";
}

/** One RTP session: packets in become a frame for every slot, frames out become packets. */
export class RtpSocket {
  readonly #socket: Socket;
  readonly #deps: Deps;
  readonly #lock = new SourceLock();
  readonly #receiver: RtpReceiver;
  readonly #reception = new Reception();
  readonly #sender = new RtpSender({ emit: (packet) => this.#emit(packet), room: () => 0 });
  #remote: RtpRemote | undefined;
  #heardAt = 0;
  #quietSaid = false;
  #strangers = 0;

  constructor(socket: Socket, deps: Deps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#receiver = new RtpReceiver(deps.onDigit);
    socket.on("message", (datagram, from) => this.#receive(datagram, from));
    socket.on("error", (err) => deps.log.warn("an RTP socket reports an error", { err: err.message }));
  }

  /** The SSRC of what we send. */
  get ssrc(): number {
    return this.#sender.ssrc;
  }

  get isUp(): boolean {
    return this.#remote !== undefined;
  }

  get maySend(): boolean {
    return this.#remote?.send === true;
  }

  connect(remote: RtpRemote): void {
    if (!this.#remote || (remote.receive && !this.#remote.receive)) this.#heardAt = this.#deps.now();
    this.#remote = { ...remote, send: remote.send && isReachable(remote) };
    this.#sender.use(remote);
    this.#receiver.use(remote);
    this.#lock.agree(remote);
  }

  /** What the far end said in one slot; a frame always. */
  hear(behind: number): Int16Array {
    this.#watchQuiet();
    return this.#receiver.hear(behind);
  }

  /** Sends the frame of `slot`, or the key that is pressed in it. */
  send(slot: number, frame: Int16Array | undefined): void {
    if (this.#remote?.send) this.#sender.send(slot, frame, this.#remote);
  }

  /** Presses keys towards the far end, as soon as it may be sent to. */
  press(digits: readonly Digit[]): void {
    const dropped = this.#sender.press(digits);
    if (dropped > 0) this.#deps.log.warn("more keys than can wait are dropped", { dropped });
  }

  stats() {
    return {
      receivedPackets: this.#reception.received,
      sentPackets: this.#sender.packets,
      lostPackets: this.#reception.lost,
      jitterMs: this.#reception.jitterMs,
      strangerPackets: this.#strangers,
      ...(this.#remote?.receive && { quietMs: this.#deps.now() - this.#heardAt }),
    };
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#socket.close(resolve));
  }

  #emit(packet: Buffer): void {
    const target = this.#lock.target;
    // An unreachable peer is answered by ICMP and shows as silence; a packet that could not leave is one that was lost.
    if (target) this.#socket.send(packet, target.port, target.address, () => undefined);
  }

  #receive(datagram: Buffer, from: RemoteInfo): void {
    const remote = this.#remote;
    const packet = parseRtp(datagram);
    if (!remote || !packet) return;
    const verdict = this.#lock.judge({ address: from.address, port: from.port }, packet.ssrc, packet.sequence);
    if (verdict === "stranger") this.#refuse(from);
    if (verdict !== "ours" || !remote.receive) return;
    this.#heardAt = this.#deps.now();
    if (this.#quietSaid) this.#deps.log.info("RTP is coming again");
    this.#quietSaid = false;
    if (this.#reception.count(packet, this.#heardAt)) this.#receiver.restart();
    this.#receiver.take(packet, remote);
  }

  #refuse(from: RemoteInfo): void {
    if (this.#strangers++ === 0)
      this.#deps.log.warn("RTP from a stranger is dropped", {
        address: from.address,
        port: from.port,
        agreed: this.#lock.target,
      });
  }

  #watchQuiet(): void {
    if (this.#quietSaid || !this.#remote?.receive) return;
    const quietMs = this.#deps.now() - this.#heardAt;
    if (quietMs < (this.#reception.received === 0 ? QUIET_AT_FIRST_MS : QUIET_LATER_MS)) return;
    this.#quietSaid = true;
    this.#deps.log.warn("no RTP comes", { quietMs: Math.round(quietMs), receivedPackets: this.#reception.received });
  }
}
