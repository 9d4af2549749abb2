import { randomInt } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { Channel, type Clock } from "@sitebox/core/kernel";
import { type Digit, FRAME_SAMPLES, type RtpPort, type RtpPorts, type RtpRemote } from "../../line/index.ts";
import { alawFrame, digitOfEvent, formatEvent, formatRtp, parseRtp, pcmFrame } from "../../line/testing/index.ts";

const FRAME_MS = 20;
/** What waits in either direction: more would only be heard late. */
const MAX_QUEUED = 50;
const TRIES = 50;

/** RTP sessions for tests: A-law only, one timer each, no jitter buffer. */
export function plainRtpPorts(clock: Clock): RtpPorts {
  return { open: (localAddress) => openPort(localAddress, clock) };
}

async function openPort(localAddress: string, clock: Clock): Promise<RtpPort> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const socket = createSocket("udp4");
    try {
      socket.bind(2 * randomInt(10_000, 15_000), localAddress);
      await once(socket, "listening");
      return new PlainRtpPort(socket, clock);
    } catch {
      socket.close();
    }
  }
  throw new Error("no free RTP port");
}

/** A session that can also press keys. */
export class PlainRtpPort implements RtpPort {
  readonly localPort: number;
  readonly ssrc = randomInt(2 ** 32);
  readonly #broken = Promise.withResolvers<void>();
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #frames = new Channel<Int16Array>(MAX_QUEUED);
  readonly #digits = new Channel<Digit>();
  readonly #heard: Int16Array[] = [];
  readonly #toSay: Int16Array[] = [];
  #remote: RtpRemote | undefined;
  #timer: Disposable | undefined;
  #nextAt = 0;
  #sequence = randomInt(2 ** 16);
  #timestamp = randomInt(2 ** 32);
  #lastEventAt: number | undefined;
  #closing: Promise<unknown> | undefined;

  constructor(socket: Socket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.localPort = socket.address().port;
    socket.on("message", (bytes, from) => this.#receive(bytes, `${from.address}:${from.port}`));
    socket.on("error", () => {});
  }

  get frames(): AsyncIterable<Int16Array> {
    return this.#frames;
  }

  get digits(): AsyncIterable<Digit> {
    return this.#digits;
  }

  get lost(): Promise<void> {
    return this.#broken.promise;
  }

  /** Breaks the session as a dying media process does: its streams end, and nothing is sent any more. */
  async break(): Promise<void> {
    this.#broken.resolve();
    await this[Symbol.asyncDispose]();
  }

  write(frame: Int16Array): void {
    if (this.#toSay.length >= MAX_QUEUED) this.#toSay.shift();
    this.#toSay.push(frame);
  }

  connect(remote: RtpRemote): void {
    if (this.#closing !== undefined) return;
    this.#remote = remote;
    if (this.#timer) return;
    this.#nextAt = this.#clock.monotonic();
    this.#tick();
  }

  /** Sends each key as RFC 4733 packets: the first with the marker, then the end three times. */
  press(digits: readonly Digit[]): void {
    for (const digit of digits) this.#press(digit);
  }

  #press(digit: Digit): void {
    const { address, port, telephoneEvent } = this.#remote ?? {};
    if (port === undefined || telephoneEvent === undefined) throw new Error("no telephone events were agreed");
    this.#timestamp += FRAME_SAMPLES;
    for (const [at, duration] of [160, 320, 640, 640, 640].entries()) {
      const payload = formatEvent(digit, { end: duration === 640, duration });
      this.#sequence += 1;
      const head = {
        payloadType: telephoneEvent,
        marker: at === 0,
        sequence: this.#sequence,
        timestamp: this.#timestamp,
        ssrc: this.ssrc,
      };
      this.#socket.send(formatRtp({ ...head, payload }), port, address);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing === undefined) {
      this.#closing = once(this.#socket, "close");
      this.#timer?.[Symbol.dispose]();
      this.#socket.close();
      this.#frames.close();
      this.#digits.close();
    }
    await this.#closing;
  }

  #tick(): void {
    this.#frames.push(this.#heard.shift() ?? new Int16Array(FRAME_SAMPLES));
    const frame = this.#toSay.shift() ?? new Int16Array(FRAME_SAMPLES);
    this.#sequence += 1;
    this.#timestamp += FRAME_SAMPLES;
    if (this.#remote?.send) {
      const { address, port, payloadType } = this.#remote;
      const { ssrc } = this;
      const packet = {
        payloadType,
        marker: false,
        sequence: this.#sequence,
        timestamp: this.#timestamp,
        ssrc,
        payload: alawFrame(frame),
      };
      this.#socket.send(formatRtp(packet), port, address);
    }
    this.#nextAt += FRAME_MS;
    this.#timer = this.#clock.after(Math.max(0, this.#nextAt - this.#clock.monotonic()), () => this.#tick());
  }

  #receive(bytes: Buffer, from: string): void {
    const remote = this.#remote;
    const packet = parseRtp(bytes);
    if (!packet || !remote?.receive || from !== `${remote.address}:${remote.port}`) return;
    if (packet.payloadType === remote.telephoneEvent) {
      const digit = digitOfEvent(packet.payload);
      // All packets of one key have one timestamp (RFC 4733 §2.5.1.2).
      if (digit !== undefined && packet.timestamp !== this.#lastEventAt) this.#digits.push(digit);
      this.#lastEventAt = packet.timestamp;
    } else if (packet.payloadType === remote.payloadType) {
      if (this.#heard.length >= MAX_QUEUED) this.#heard.shift();
      this.#heard.push(pcmFrame(packet.payload));
    }
  }
}
