import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import type { AudioCodec, Digit, RtpPort, RtpPorts, RtpRemote, SrtpKey } from "../index.ts";
import { alawFrame } from "./g711.ts";
import { digitOfEvent, formatEvent, formatRtp, parseRtp, type RtpPacket } from "./rtp-packets.ts";
import { hearTone, playTone, toneFrames, toneShare } from "./tones.ts";

export interface RtpRig extends AsyncDisposable {
  readonly ports: RtpPorts;
}

const HOST = "127.0.0.1";
const PCMA = 8;
const EVENT = 101;

/** The far end of a session: a bare socket that speaks and hears RTP as told. */
class Peer implements AsyncDisposable {
  readonly #socket: Socket;
  readonly received: RtpPacket[] = [];
  #sequence = 1_000;
  #timestamp = 0;
  #arrived = Promise.withResolvers<void>();

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (bytes) => {
      const packet = parseRtp(bytes);
      if (packet) this.received.push(packet);
      this.#arrived.resolve();
      this.#arrived = Promise.withResolvers();
    });
  }

  static async open(): Promise<Peer> {
    const socket = createSocket("udp4");
    socket.bind(0, HOST);
    await once(socket, "listening");
    return new Peer(socket);
  }

  remote(change: Partial<RtpRemote> = {}): RtpRemote {
    const { port } = this.#socket.address();
    return { address: HOST, port, codec: "PCMA", payloadType: PCMA, telephoneEvent: EVENT, send: true, receive: true, ...change };
  }

  /** Resolves when `count` packets of that source have come. */
  async hear(ssrc: number, count: number): Promise<readonly RtpPacket[]> {
    for (;;) {
      const packets = this.received.filter((packet) => packet.ssrc === ssrc);
      if (packets.length >= count) return packets;
      await this.#arrived.promise;
    }
  }

  async send(port: number, packet: Partial<RtpPacket>): Promise<void> {
    this.#sequence += 1;
    const whole = {
      payloadType: PCMA,
      marker: false,
      sequence: this.#sequence,
      timestamp: this.#timestamp,
      ssrc: 7,
      payload: new Uint8Array(),
      ...packet,
    };
    await new Promise<void>((resolve, reject) => {
      this.#socket.send(formatRtp(whole), port, HOST, (error) => (error ? reject(error) : resolve()));
    });
  }

  say = (port: number, frame: Int16Array): Promise<void> => {
    this.#timestamp += frame.length;
    return this.send(port, { payload: alawFrame(frame) });
  };

  /** One key as phones send it: three updates and three ends, of which some may be lost (RFC 4733 §2.5.1.4). */
  async press(port: number, digit: Digit, ends = 3): Promise<void> {
    this.#timestamp += 1_600;
    const event = { payloadType: EVENT, timestamp: this.#timestamp };
    for (let at = 0; at < 3; at++)
      await this.send(port, {
        ...event,
        marker: at === 0,
        payload: formatEvent(digit, { end: false, duration: 160 * (at + 1) }),
      });
    for (let at = 0; at < ends; at++)
      await this.send(port, { ...event, payload: formatEvent(digit, { end: true, duration: 640 }) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.close();
    await closed;
  }
}

/** Plays a tone from the peer to the port until the signal aborts. */
const playFrom = (peer: Peer, port: RtpPort, hertz: number, signal: AbortSignal) =>
  playTone((frame) => void peer.say(port.localPort, frame), hertz, signal);

const keyOf = (fill: number): SrtpKey => ({
  suite: "AES_CM_128_HMAC_SHA1_80",
  masterKeyAndSalt: new Uint8Array(30).fill(fill),
});

/** Connects two sessions alike, but for what the other end has of its own, and waits until each hears the other's tone. */
async function talk(a: RtpPort, b: RtpPort, agreed: Partial<RtpRemote>, other: Partial<RtpRemote> = {}): Promise<void> {
  const plain = { address: HOST, codec: "PCMA", payloadType: PCMA, send: true, receive: true } as const;
  a.connect({ ...plain, ...agreed, port: b.localPort });
  b.connect({ ...plain, ...agreed, ...other, port: a.localPort });
  const stop = new AbortController();
  const playing = [
    playTone((frame) => a.write(frame), 440, stop.signal),
    playTone((frame) => b.write(frame), 1_000, stop.signal),
  ];
  await Promise.all([hearTone(b.frames, 440), hearTone(a.frames, 1_000)]);
  stop.abort();
  await Promise.all(playing);
}

/** What an implementation can do beyond what all owe; only what is claimed is tested. */
export interface RtpClaims {
  /** Keys as tones in the sound, both ways, where no events were agreed. */
  readonly tones?: boolean;
  /** Codecs beside PCMA. */
  readonly codecs?: readonly AudioCodec[];
  /** Packets of other lengths than 20 ms. */
  readonly packetTimes?: boolean;
  /** SRTP. */
  readonly srtp?: boolean;
}

const PAYLOAD_TYPES: Record<AudioCodec, number> = { PCMU: 0, PCMA, G722: 9 };

/** The behaviour that every implementation of RTP sessions owes the drivers. */
export function describeRtpPorts(name: string, open: () => Promise<RtpRig>, claims: RtpClaims = {}): void {
  describe(name, () => {
    test("each session has an even port and an SSRC of its own", async () => {
      await using rig = await open();
      await using a = await rig.ports.open(HOST);
      await using b = await rig.ports.open(HOST);
      expect([a.localPort % 2, b.localPort % 2]).toEqual([0, 0]);
      expect(a.localPort).not.toBe(b.localPort);
      expect(a.ssrc).not.toBe(b.ssrc);
    });

    test("sound flows both ways between two sessions", async () => {
      await using rig = await open();
      await using a = await rig.ports.open(HOST);
      await using b = await rig.ports.open(HOST);
      await talk(a, b, {});
    });

    test("what is sent has the stated SSRC and payload type, and counts on by one packet of 20 ms", async () => {
      await using rig = await open();
      await using peer = await Peer.open();
      await using port = await rig.ports.open(HOST);
      port.connect(peer.remote({ codec: "PCMU", payloadType: 0 }));
      for (const frame of toneFrames(440, 10)) port.write(frame);
      const packets = (await peer.hear(port.ssrc, 5)).slice(0, 5);
      const [first] = packets;
      const steps = packets.map((packet) => [
        (packet.sequence - (first?.sequence ?? 0)) & 0xffff,
        (packet.timestamp - (first?.timestamp ?? 0)) >>> 0,
      ]);
      expect(steps).toEqual([0, 1, 2, 3, 4].map((count) => [count, count * 160]));
      expect(packets.every((packet) => packet.payloadType === 0 && packet.payload.length === 160)).toBe(true);
    });

    test("nothing is sent before the session is connected, nor while it may not send", async () => {
      await using rig = await open();
      await using peer = await Peer.open();
      await using early = await rig.ports.open(HOST);
      await using muted = await rig.ports.open(HOST);
      await using other = await rig.ports.open(HOST);
      muted.connect(peer.remote({ send: false }));
      other.connect(peer.remote());
      for (const frame of toneFrames(440, 20)) for (const port of [early, muted, other]) port.write(frame);
      await peer.hear(other.ssrc, 20);
      expect(peer.received.filter(({ ssrc }) => ssrc !== other.ssrc)).toEqual([]);
    });

    test("connecting again changes the direction: held and taken back", async () => {
      await using rig = await open();
      await using peer = await Peer.open();
      await using port = await rig.ports.open(HOST);
      port.connect(peer.remote({ send: false, receive: false }));
      port.connect(peer.remote());
      for (const frame of toneFrames(440, 10)) port.write(frame);
      await peer.hear(port.ssrc, 5);
    });

    test("keys arrive once each, although their packets are repeated or lost", async () => {
      await using rig = await open();
      await using peer = await Peer.open();
      const port = await rig.ports.open(HOST);
      port.connect(peer.remote());
      await peer.press(port.localPort, "5");
      await peer.press(port.localPort, "5");
      await peer.press(port.localPort, "#", 0);
      await peer.press(port.localPort, "D", 1);
      const heard: Digit[] = [];
      for await (const digit of port.digits) if (heard.push(digit) === 4) break;
      await port[Symbol.asyncDispose]();
      for await (const digit of port.digits) heard.push(digit);
      expect(heard).toEqual(["5", "5", "#", "D"]);
    });

    test("keys pressed in one session are heard in the other, once each and in order", async () => {
      await using rig = await open();
      await using a = await rig.ports.open(HOST);
      await using b = await rig.ports.open(HOST);
      const agreed = {
        address: HOST,
        codec: "PCMA",
        payloadType: PCMA,
        telephoneEvent: EVENT,
        send: true,
        receive: true,
      } as const;
      a.connect({ ...agreed, port: b.localPort });
      b.connect({ ...agreed, port: a.localPort });
      const keys: readonly Digit[] = ["1", "1", "0", "#"];
      a.press(keys);
      const heard: Digit[] = [];
      for await (const digit of b.digits) if (heard.push(digit) === keys.length) break;
      expect(heard).toEqual(keys);
    });

    test("a key goes out as one event: a marked beginning, one time stamp, its end three times", async () => {
      await using rig = await open();
      await using peer = await Peer.open();
      await using port = await rig.ports.open(HOST);
      port.connect(peer.remote());
      await peer.hear(port.ssrc, 1);
      port.press(["7"]);
      const isEnd = ({ payload }: RtpPacket) => ((payload[1] ?? 0) & 0x80) !== 0;
      const events = () => peer.received.filter(({ payloadType }) => payloadType === EVENT);
      for (let count = 1; events().filter(isEnd).length < 3; count++) await peer.hear(port.ssrc, count);
      const durations = events().map(({ payload }) => (payload[2] ?? 0) * 256 + (payload[3] ?? 0));
      expect(events().map(({ marker }) => marker)).toEqual(durations.map((_, at) => at === 0));
      expect(new Set(events().map(({ timestamp }) => timestamp)).size).toBe(1);
      expect(new Set(events().map(({ payload }) => digitOfEvent(payload)))).toEqual(new Set(["7"]));
      expect(durations).toEqual(durations.toSorted((one, other) => one - other));
      expect(
        new Set(
          events()
            .filter(isEnd)
            .map(({ payload }) => payload.join(" ")),
        ).size,
      ).toBe(1);
    });

    test.runIf(claims.tones)("where no events were agreed, keys go as tones and are heard as such", async () => {
      await using rig = await open();
      await using a = await rig.ports.open(HOST);
      await using b = await rig.ports.open(HOST);
      const agreed = { address: HOST, codec: "PCMA", payloadType: PCMA, send: true, receive: true } as const;
      a.connect({ ...agreed, port: b.localPort });
      b.connect({ ...agreed, port: a.localPort });
      const keys: readonly Digit[] = ["1", "1", "9", "D"];
      a.press(keys);
      const heard: Digit[] = [];
      for await (const digit of b.digits) if (heard.push(digit) === keys.length) break;
      expect(heard).toEqual(keys);
    });

    test.each(claims.codecs ?? [])("sound flows both ways in %s", async (codec) => {
      await using rig = await open();
      await using a = await rig.ports.open(HOST);
      await using b = await rig.ports.open(HOST);
      await talk(a, b, { codec, payloadType: PAYLOAD_TYPES[codec] });
    });

    test.runIf(claims.packetTimes).each([10, 30, 40, 60])("sound flows both ways in packets of %i ms", async (packetMs) => {
      await using rig = await open();
      await using a = await rig.ports.open(HOST);
      await using b = await rig.ports.open(HOST);
      await talk(a, b, { packetMs });
    });

    test.runIf(claims.srtp)(
      "sound and keys flow both ways encrypted, and what is not made with the key is not heard",
      async () => {
        await using rig = await open();
        await using peer = await Peer.open();
        await using a = await rig.ports.open(HOST);
        await using b = await rig.ports.open(HOST);
        await using c = await rig.ports.open(HOST);
        await talk(
          a,
          b,
          { srtp: { local: keyOf(1), remote: keyOf(2) }, telephoneEvent: EVENT },
          { srtp: { local: keyOf(2), remote: keyOf(1) } },
        );
        a.press(["6"]);
        for await (const digit of b.digits) {
          expect(digit).toBe("6");
          break;
        }
        c.connect(peer.remote({ srtp: { local: keyOf(1), remote: keyOf(3) } }));
        const stop = new AbortController();
        const playing = playFrom(peer, c, 440, stop.signal);
        let frames = 0;
        for await (const frame of c.frames) {
          expect(toneShare(frame, 440)).toBeLessThan(0.3);
          if (++frames === 25) break;
        }
        stop.abort();
        await playing;
      },
    );

    test.runIf(claims.srtp)("keys may change in mid-call", async () => {
      await using rig = await open();
      await using a = await rig.ports.open(HOST);
      await using b = await rig.ports.open(HOST);
      for (const fill of [10, 20]) {
        const [near, far] = [keyOf(fill), keyOf(fill + 1)];
        await talk(a, b, { srtp: { local: near, remote: far } }, { srtp: { local: far, remote: near } });
      }
    });

    test("a stranger is not heard in a session that has its peer", async () => {
      await using rig = await open();
      await using peer = await Peer.open();
      await using stranger = await Peer.open();
      await using port = await rig.ports.open(HOST);
      port.connect(peer.remote());
      const stop = new AbortController();
      const playing = playFrom(peer, port, 440, stop.signal);
      await hearTone(port.frames, 440);
      const intruding = playFrom(stranger, port, 1_000, stop.signal);
      await stranger.press(port.localPort, "9");
      let frames = 0;
      for await (const frame of port.frames) {
        expect(toneShare(frame, 1_000)).toBeLessThan(0.3);
        if (++frames === 40) break;
      }
      stop.abort();
      await Promise.all([playing, intruding]);
      await port[Symbol.asyncDispose]();
      for await (const digit of port.digits) throw new Error(`the stranger's ${digit}`);
    });

    test("what is no RTP does no harm", async () => {
      await using rig = await open();
      await using peer = await Peer.open();
      await using port = await rig.ports.open(HOST);
      port.connect(peer.remote());
      await peer.send(port.localPort, { payloadType: 13, payload: new Uint8Array(3) });
      await peer.send(port.localPort, { payload: new Uint8Array() });
      await peer.send(port.localPort, { payloadType: EVENT, payload: new Uint8Array(1) });
      const stop = new AbortController();
      const playing = playFrom(peer, port, 440, stop.signal);
      await hearTone(port.frames, 440);
      stop.abort();
      await playing;
    });

    test("silence is filled in, so that frames keep coming", async () => {
      await using rig = await open();
      await using peer = await Peer.open();
      await using port = await rig.ports.open(HOST);
      port.connect(peer.remote());
      const frames: Int16Array[] = [];
      for await (const frame of port.frames) if (frames.push(frame) === 10) break;
      expect(frames.every((frame) => frame.length === 160)).toBe(true);
    });

    test("closing ends the streams and frees the port", async () => {
      await using rig = await open();
      await using peer = await Peer.open();
      const port = await rig.ports.open(HOST);
      port.connect(peer.remote());
      await port[Symbol.asyncDispose]();
      await port[Symbol.asyncDispose]();
      for await (const _ of port.frames);
      for await (const _ of port.digits);
      const socket = createSocket("udp4");
      socket.bind(port.localPort, HOST);
      await once(socket, "listening");
      socket.close();
    });
  });
}
