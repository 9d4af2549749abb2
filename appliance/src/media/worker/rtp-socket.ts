import { randomBytes } from "node:crypto";
import type { RemoteInfo } from "node:dgram";
import type { Log } from "@sitebox/core/kernel";
import type { Digit, RtpRemote } from "@sitebox/drivers/line";
import type { MediaStats } from "../media.ts";
import { QuietWatch } from "./quiet-watch.ts";
import { Reception } from "./reception.ts";
import { isRtcp, parseRtcp } from "./rtcp-packet.ts";
import { RtcpSession } from "./rtcp-session.ts";
import { parseRtp } from "./rtp-packet.ts";
import { RtpReceiver } from "./rtp-receiver.ts";
import { RtpSender } from "./rtp-sender.ts";
import { type Source, SourceLock } from "./source-lock.ts";
import { Protection } from "./srtp/index.ts";
import type { PortPair } from "./udp.ts";
import { mosOf, rate } from "./voice-quality.ts";

interface Deps {
  readonly log: Log;
  readonly now: () => number;
  readonly onDigit: (digit: Digit) => void;
  /** Nothing has come for `quietMs` where sound is expected, lastly or at first from `from`; told again every 15 s. */
  readonly onQuiet?: (quietMs: number, from?: string) => void;
  readonly onHeardAgain?: () => void;
}

/** The name of this process's sessions in their reports: one for all, random, so that it tells nothing of the box (RFC 7022 §4.2). */
const CNAME = randomBytes(12).toString("base64");

/** A port of 0 is a stream that was refused, the unspecified address an old way to put on hold (RFC 3264 §6, §8.4). */
function isReachable({ address, port }: RtpRemote): boolean {
  return port > 0 && port < 65_536 && address !== "0.0.0.0" && address !== "::";
}

const nameOf = ({ address, port }: Source) => (address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`);

/** One RTP session: packets in become a frame for every slot, frames out become packets; both ends report on what they receive. */
export class RtpSocket {
  readonly #ports: PortPair;
  readonly #deps: Deps;
  readonly #lock = new SourceLock();
  readonly #protection = new Protection();
  readonly #receiver: RtpReceiver;
  readonly #reception = new Reception();
  readonly #sender: RtpSender;
  readonly #rtcp: RtcpSession;
  readonly #quiet: QuietWatch;
  #remote: RtpRemote | undefined;
  #isReachable = false;
  #hasKeys = true;
  /** Where the far end's reports came from, behind a NAT. */
  #reportsFrom: Source | undefined;
  #strangers = 0;
  #dropped = 0;
  #closing: Promise<void> | undefined;

  constructor(ports: PortPair, deps: Deps) {
    this.#ports = ports;
    this.#deps = deps;
    this.#receiver = new RtpReceiver(deps.onDigit);
    this.#sender = new RtpSender({ emit: (packet) => this.#emit(packet), room: () => this.#protection.room });
    this.#rtcp = new RtcpSession({ ssrc: this.#sender.ssrc, cname: CNAME, random: Math.random });
    this.#quiet = new QuietWatch({
      now: deps.now,
      onQuiet: (quietMs) => this.#tellQuiet(quietMs),
      onHeardAgain: (quietMs) => this.#tellHeardAgain(quietMs),
    });
    ports.rtp.on("message", (datagram, from) => this.#receive(datagram, from));
    ports.rtcp.on("message", (datagram, from) => this.#receiveReport(datagram, from));
    for (const socket of [ports.rtp, ports.rtcp])
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
    // Without its keys a session that is to be secure stays silent.
    this.#isReachable = this.#takeKeys(remote.srtp) && isReachable(remote);
    this.#remote = { ...remote, send: remote.send && this.#isReachable, receive: remote.receive && this.#hasKeys };
    this.#sender.use(remote);
    this.#receiver.use(remote);
    this.#quiet.expect(this.#remote.receive && this.#isReachable);
    // Nowhere is no new place: after a hold the same source is heard again, at once.
    if (this.#isReachable) this.#lock.agree(remote);
  }

  /** What the far end said in one slot; a frame always. */
  hear(behind: number): Int16Array {
    this.#quiet.look();
    const now = this.#deps.now();
    if (this.#rtcp.isDue(now)) this.#sendReport(this.#rtcp.report(now, this.#sender, this.#reception.report()));
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

  stats(): MediaStats {
    const { target } = this.#lock;
    const { rttMs, remoteLossPercent } = this.#rtcp;
    const { quietMs } = this.#quiet;
    const { lossRatio, meanBurst, playoutMs, concealedMs, lateMs } = this.#receiver.quality();
    const { received, lost } = this.#reception;
    // What was lost before the buffer gave its sender up is no made-up sound, but missing all the same.
    const missing = Math.max(lossRatio, lost / Math.max(1, received + lost));
    // From mouth to ear: half of the way there and back, what waits in our buffer, and the packet itself.
    const delayMs = (rttMs ?? 0) / 2 + playoutMs + (this.#remote?.packetMs ?? 20);
    return {
      receivedPackets: received,
      sentPackets: this.#sender.packets,
      lostPackets: lost,
      jitterMs: this.#reception.jitterMs,
      strangerPackets: this.#strangers,
      secure: this.#protection.isOn,
      concealedMs,
      lateMs,
      ...(this.#remote && { codec: this.#receiver.codec ?? this.#remote.codec }),
      ...(target && { remote: nameOf(target) }),
      ...(quietMs !== undefined && { quietMs }),
      ...(rttMs !== undefined && { rttMs }),
      ...(remoteLossPercent !== undefined && { remoteLossPercent }),
      ...(received > 0 && { mos: mosOf(rate({ lossRatio: missing, meanBurst, delayMs })) }),
    };
  }

  /** Takes leave and frees the ports. Safe to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const farewell = this.#rtcp.farewell(this.#deps.now(), this.#sender, this.#reception.report());
    if (farewell) await new Promise<void>((resolve) => this.#sendReport(farewell, resolve));
    const { rtp, rtcp } = this.#ports;
    await Promise.all([rtp, rtcp].map((socket) => new Promise<void>((resolve) => socket.close(resolve))));
  }

  #takeKeys(keys: RtpRemote["srtp"]): boolean {
    try {
      this.#protection.use(keys);
      this.#hasKeys = true;
    } catch (err) {
      this.#deps.log.error("the SRTP keys cannot be used: the session is silent", { err });
      this.#hasKeys = false;
    }
    return this.#hasKeys;
  }

  #emit(packet: Buffer): void {
    const { target } = this.#lock;
    if (!target) return;
    this.#protection.sealRtp(packet);
    // An unreachable peer is answered by ICMP and shows as silence; a packet that could not leave is one that was lost.
    this.#ports.rtp.send(packet, target.port, target.address, ignore);
  }

  /** Reports go on while the session is on hold; not to where there is nobody. */
  #sendReport(report: Buffer, done: () => void = ignore): void {
    const to = this.#reportsTo();
    if (!to) {
      done();
      return;
    }
    const socket = this.#remote?.rtcp === "muxed" ? this.#ports.rtp : this.#ports.rtcp;
    socket.send(this.#protection.sealRtcp(report), to.port, to.address, done);
  }

  #reportsTo(): Source | undefined {
    const { target } = this.#lock;
    const rtcp = this.#remote?.rtcp;
    if (!target || !this.#isReachable || rtcp === "muxed") return this.#isReachable ? target : undefined;
    const port = rtcp ?? target.port + 1;
    return this.#reportsFrom ?? (port < 65_536 ? { address: target.address, port } : undefined);
  }

  #receive(datagram: Buffer, from: RemoteInfo): void {
    const remote = this.#remote;
    if (!remote) return;
    if (isRtcp(datagram)) {
      this.#receiveReport(datagram, from, true);
      return;
    }
    const packet = this.#opened(datagram, from);
    if (!packet) return;
    const now = this.#deps.now();
    const { ssrc, sequence } = packet;
    const before = this.#lock.target;
    const verdict = this.#lock.judge(from, { ssrc, sequence, authentic: this.#protection.isOn }, now);
    if (verdict === "stranger") this.#refuse(from);
    if (verdict !== "ours") return;
    if (before !== this.#lock.target) this.#tellSource(before);
    if (!remote.receive) return;
    this.#quiet.heard();
    const isTimed = packet.payloadType !== remote.telephoneEvent;
    if (this.#reception.count(packet, now, isTimed)) this.#receiver.restart();
    this.#receiver.take(packet, remote);
  }

  #opened(datagram: Buffer, from: RemoteInfo): ReturnType<typeof parseRtp> {
    const plain = this.#protection.openRtp(datagram);
    if (plain) return parseRtp(plain);
    // Copies are the network's, and no news.
    const { forged } = this.#protection.dropped;
    if (forged > this.#dropped && this.#dropped === 0)
      this.#deps.log.warn("SRTP that is not made with the agreed key is dropped", { address: from.address, port: from.port });
    this.#dropped = forged;
    return undefined;
  }

  #receiveReport(datagram: Buffer, from: RemoteInfo, muxed = false): void {
    const { target } = this.#lock;
    if (!this.#remote || from.address !== target?.address) return;
    const plain = this.#protection.openRtcp(datagram);
    const report = plain && parseRtcp(plain);
    if (!report) return;
    if (!muxed) this.#reportsFrom = { address: from.address, port: from.port };
    this.#rtcp.take(report, this.#deps.now(), this.#sender.firstSequence);
  }

  #refuse(from: RemoteInfo): void {
    if (this.#strangers++ === 0)
      this.#deps.log.warn("RTP from a stranger is dropped", {
        address: from.address,
        port: from.port,
        agreed: this.#lock.target,
      });
  }

  /** The session is heard from another place than it was sent to: sent there from now on. */
  #tellSource(before: Source | undefined): void {
    const { target } = this.#lock;
    if (!target || (before?.address === target.address && before.port === target.port)) return;
    this.#reportsFrom = undefined;
    this.#deps.log.info("RTP comes from another address than was agreed", {
      from: nameOf(target),
      ...(before && { before: nameOf(before) }),
    });
  }

  #tellQuiet(quietMs: number): void {
    const { target } = this.#lock;
    const from = target && nameOf(target);
    this.#deps.log.warn("no RTP comes", { quietMs: Math.round(quietMs), from, receivedPackets: this.#reception.received });
    this.#deps.onQuiet?.(quietMs, from);
  }

  #tellHeardAgain(quietMs: number): void {
    this.#deps.log.info("RTP is coming again", { quietMs: Math.round(quietMs) });
    this.#deps.onHeardAgain?.();
  }
}

const ignore = () => undefined;
