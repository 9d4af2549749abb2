import { createHmac, randomBytes } from "node:crypto";
import type { SrtpKey } from "@sitebox/drivers/line";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rtpPacket } from "../rtp-packet.ts";
import { AuthCode } from "./auth-code.ts";
import { CounterMode } from "./counter-mode.ts";
import { deriveKey } from "./keys.ts";
import { SrtpReceiver } from "./srtp-receiver.ts";
import { SrtpSender } from "./srtp-sender.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

const MASTER = hex("e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6");
const key = (suite: SrtpKey["suite"] = "AES_CM_128_HMAC_SHA1_80", masterKeyAndSalt: Uint8Array = MASTER): SrtpKey => ({
  suite,
  masterKeyAndSalt,
});

/** A packet of 160 bytes of sound, with room for a tag. */
function packet(sequence: number, room = 10, ssrc = 0xcafe_babe): Buffer {
  const whole = rtpPacket({ payloadType: 8, sequence, timestamp: sequence * 160, ssrc, marker: false, payloadBytes: 160 + room });
  return whole.fill(sequence & 0xff, 12, 172);
}

describe("the vectors of RFC 3711 appendix B", () => {
  test("B.2: the key stream of AES-CM", () => {
    const mode = new CounterMode(hex("2b7e151628aed2a6abf7158809cf4f3c"), hex("f0f1f2f3f4f5f6f7f8f9fafbfcfd"));
    const stream = Buffer.alloc(48);
    mode.apply(stream, [0, 48], { ssrc: 0, index: 0 });
    expect(stream.toString("hex")).toBe(
      "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0",
    );
  });

  test("B.3: the session keys of a master key", () => {
    expect(deriveKey(MASTER, 0, 16)).toEqual(hex("c61e7a93744f39ee10734afe3ff7a087"));
    expect(deriveKey(MASTER, 2, 14)).toEqual(hex("30cbbc08863d8c85d49db34a9ae1"));
    const auth = [
      "cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbce",
      "e049646c43d9327ad175578ef72270986371c10c9a369ac2f94a8c5fbcdddc25",
      "6d6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2",
    ];
    expect(deriveKey(MASTER, 1, 94)).toEqual(hex(auth.join("")));
  });
});

/** As libsrtp has them in its own self-test (srtp_driver.c, srtp_validate). */
describe("the reference packets of libsrtp", () => {
  const plain = hex("800f1234decafbadcafebabe abababababababababababababababab");
  const sealed = hex("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb");

  test("RTP, both ways", () => {
    const sent = Buffer.concat([plain, Buffer.alloc(10)]);
    new SrtpSender(key()).protectRtp(sent);
    expect(sent).toEqual(sealed);
    expect(new SrtpReceiver(key()).unprotectRtp(Buffer.from(sealed))).toEqual({ type: "fresh", packet: plain });
  });

  test("RTCP, both ways", () => {
    const report = hex("81c8000bcafebabe abababababababababababababababab");
    const expected = hex("81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798");
    const sender = new SrtpSender(key());
    sender.protectRtcp(report);
    expect(sender.protectRtcp(report)).toEqual(expected);
    expect(new SrtpReceiver(key()).unprotectRtcp(Buffer.from(expected))).toEqual({ type: "fresh", packet: report });
  });
});

describe.each(["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"] as const)("%s", (suite) => {
  const tag = suite.endsWith("80") ? 10 : 4;

  test("what is protected comes out as it was, over any loss and disorder within half of the numbers", () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.array(fc.integer({ min: 1, max: 30_000 }), { maxLength: 40 }), (first, steps) => {
        const sender = new SrtpSender(key(suite));
        const receiver = new SrtpReceiver(key(suite));
        let sequence = first;
        for (const step of [0, ...steps]) {
          sequence += step;
          const sent = packet(sequence, tag);
          const plain = Buffer.from(sent.subarray(0, 172));
          sender.protectRtp(sent);
          expect(sent.subarray(12, 172)).not.toEqual(plain.subarray(12));
          expect(receiver.unprotectRtp(sent)).toEqual({ type: "fresh", packet: plain });
        }
      }),
    );
  });

  test("a bit changed anywhere is a forgery, and does not hinder the real packet", () => {
    const sent = packet(7, tag);
    new SrtpSender(key(suite)).protectRtp(sent);
    const receiver = new SrtpReceiver(key(suite));
    for (let bit = 0; bit < sent.length * 8; bit += 5) {
      const changed = Buffer.from(sent);
      changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(receiver.unprotectRtp(changed).type).toBe("forged");
    }
    expect(receiver.unprotectRtp(sent).type).toBe("fresh");
  });
});

test("each packet is taken once, in whatever order they come, and none that is too old", () => {
  const sender = new SrtpSender(key());
  const receiver = new SrtpReceiver(key());
  const sent = Array.from({ length: 400 }, (_, n) => {
    const one = packet(65_400 + n);
    sender.protectRtp(one);
    return one;
  });
  const take = (n: number) => receiver.unprotectRtp(Buffer.from(sent[n] ?? Buffer.alloc(0))).type;
  for (const n of [0, 2, 1, 130, 129, 135, 134]) expect([n, take(n)]).toEqual([n, "fresh"]);
  for (const n of [1, 2, 130, 134, 135]) expect([n, take(n)]).toEqual([n, "replayed"]);
  expect(take(399)).toBe("fresh");
  expect(take(200)).toBe("replayed");
  expect(take(300)).toBe("fresh");
});

test("a wrong key, plain RTP and what is cut are forgeries", () => {
  const other = key("AES_CM_128_HMAC_SHA1_80", Buffer.alloc(30, 7));
  const receiver = new SrtpReceiver(other);
  const sent = packet(1);
  new SrtpSender(key()).protectRtp(sent);
  expect(receiver.unprotectRtp(sent).type).toBe("forged");
  expect(receiver.unprotectRtp(packet(2)).type).toBe("forged");
  const sealed = packet(3);
  new SrtpSender(other).protectRtp(sealed);
  for (let length = 0; length < sealed.length; length++)
    expect(receiver.unprotectRtp(Buffer.from(sealed.subarray(0, length))).type).toBe("forged");
  expect(receiver.unprotectRtp(sealed).type).toBe("fresh");
});

test("RTCP is taken once, and not with a wrong key", () => {
  const report = hex("80c90001 cafebabe");
  const sealed = new SrtpSender(key()).protectRtcp(report);
  const receiver = new SrtpReceiver(key());
  expect(receiver.unprotectRtcp(Buffer.from(sealed))).toEqual({ type: "fresh", packet: report });
  expect(receiver.unprotectRtcp(Buffer.from(sealed)).type).toBe("replayed");
  expect(new SrtpReceiver(key("AES_CM_128_HMAC_SHA1_80", Buffer.alloc(30))).unprotectRtcp(sealed).type).toBe("forged");
});

test("after a key change a sender may go on counting its roll-overs, or begin anew", () => {
  const [old, fresh] = [key(), key("AES_CM_128_HMAC_SHA1_80", Buffer.alloc(30, 3))];
  const before = new SrtpReceiver(old);
  const sender = new SrtpSender(old);
  const goesOn = new SrtpSender(fresh);
  for (let sequence = 0; sequence < 140_000; sequence += 10_000) {
    const one = packet(sequence);
    sender.protectRtp(one);
    expect(before.unprotectRtp(one).type).toBe("fresh");
    goesOn.protectRtp(packet(sequence));
  }
  for (const changed of [goesOn, new SrtpSender(fresh)]) {
    const receiver = new SrtpReceiver(fresh, before);
    for (const sequence of [140_000, 140_001, 170_000]) {
      const one = packet(sequence);
      changed.protectRtp(one);
      expect(receiver.unprotectRtp(one).type).toBe("fresh");
    }
  }
});

test("a master key of another length is refused", () => {
  expect(() => new SrtpSender(key("AES_CM_128_HMAC_SHA1_80", Buffer.alloc(16)))).toThrow(RangeError);
});

test("a packet larger than any of sound is refused, although it is made with the key", () => {
  const header = { payloadType: 8, sequence: 1, timestamp: 0, ssrc: 1, marker: false };
  const [sender, receiver] = [new SrtpSender(key()), new SrtpReceiver(key())];
  const large = rtpPacket({ ...header, payloadBytes: 2_010 });
  sender.protectRtp(large);
  expect(receiver.unprotectRtp(large).type).toBe("forged");
  expect(receiver.unprotectRtcp(sender.protectRtcp(Buffer.alloc(2_000, 0x80))).type).toBe("forged");
  expect(receiver.unprotectRtp(Buffer.alloc(60_000, 0x80)).type).toBe("forged");
});

test("the authentication code is HMAC-SHA1, as node has it", () => {
  for (let length = 0; length < 300; length += 7) {
    const [secret, message, more] = [randomBytes(20), randomBytes(length), randomBytes(4)];
    expect(new AuthCode(secret).of(message, more)).toEqual(createHmac("sha1", secret).update(message).update(more).digest());
  }
  expect(() => new AuthCode(MASTER).of(Buffer.alloc(3_000))).toThrow(RangeError);
});
