import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Source, SourceLock } from "./source-lock.ts";

const agreed = { address: "192.0.2.1", port: 4_000 };
const mapped = { address: "198.51.100.7", port: 61_000 };
const rebound = { address: "198.51.100.7", port: 62_000 };
const stranger = { address: "203.0.113.9", port: 5_000 };

function lockOn(source = agreed): SourceLock {
  const lock = new SourceLock();
  lock.agree(source);
  return lock;
}

const send = (lock: SourceLock, source: Source, sequences: readonly number[], { ssrc = 1, now = 0, authentic = false } = {}) =>
  sequences.map((sequence) => lock.judge(source, { ssrc, sequence: sequence & 0xffff, authentic }, now));

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n);

test("the agreed source is believed from its first packet, and others are strangers then", () => {
  const lock = lockOn();
  expect(send(lock, agreed, [1])).toEqual(["ours"]);
  expect(send(lock, stranger, [1, 2, 3, 4, 5])).toEqual(Array(5).fill("stranger"));
  expect(lock.target).toMatchObject(agreed);
});

test("behind a NAT the real source is learnt after four packets in sequence, and sent to", () => {
  const lock = lockOn();
  expect(lock.target).toEqual(agreed);
  expect(lock.isHeard).toBe(false);
  expect(send(lock, mapped, [65_534, 65_535, 0, 1, 2])).toEqual(["learning", "learning", "learning", "ours", "ours"]);
  expect(lock.target).toMatchObject(mapped);
  expect(lock.isHeard).toBe(true);
  expect(send(lock, stranger, [1, 2, 3, 4])).toEqual(Array(4).fill("stranger"));
});

test("packets out of sequence, of changing SSRC or from here and there are not believed", () => {
  expect(send(lockOn(), stranger, [1, 3, 5, 7, 9, 11])).not.toContain("ours");
  const lock = lockOn();
  for (let n = 0; n < 10; n++) expect(send(lock, n % 2 ? stranger : mapped, [n])).toEqual(["learning"]);
  for (let n = 0; n < 10; n++) expect(send(lock, mapped, [n], { ssrc: n })).toEqual(["learning"]);
});

test("the agreed source takes over from one that was learnt", () => {
  const lock = lockOn();
  send(lock, stranger, [1, 2, 3, 4]);
  expect(send(lock, agreed, [100])).toEqual(["ours"]);
  expect(send(lock, stranger, [5, 6, 7, 8, 9])).toEqual(Array(5).fill("stranger"));
});

test("the agreed host from another port takes over from a learnt one of elsewhere, not the other way round", () => {
  const otherPort = { ...agreed, port: 4_002 };
  const lock = lockOn();
  send(lock, stranger, [1, 2, 3, 4]);
  send(lock, otherPort, [1, 2, 3, 4], { ssrc: 2 });
  expect(lock.target).toMatchObject(otherPort);
  expect(send(lock, stranger, numbers(5, 50))).not.toContain("ours");
});

describe("after a re-INVITE", () => {
  test("a new agreement is learnt anew, the same one again changes nothing", () => {
    const lock = lockOn();
    send(lock, mapped, [1, 2, 3, 4]);
    lock.agree({ ...agreed });
    expect(lock.target).toMatchObject(mapped);
    lock.agree(stranger);
    expect(lock.target).toEqual(stranger);
    expect(send(lock, mapped, [5])).toEqual(["learning"]);
  });

  test("packets still under way from the former place do not draw the sound back there, the new place behind its NAT is learnt", () => {
    const lock = lockOn();
    send(lock, agreed, numbers(0, 10));
    lock.agree({ address: "10.0.0.7", port: 7_000 });
    expect(send(lock, agreed, numbers(10, 50))).not.toContain("ours");
    expect(send(lock, mapped, numbers(0, 4), { ssrc: 9 })).toContain("ours");
    expect(send(lock, agreed, numbers(60, 200))).not.toContain("ours");
    expect(lock.target).toMatchObject(mapped);
  });

  test("where the new statement was wrong and the former place just goes on, it is heard again after two seconds", () => {
    const lock = lockOn();
    send(lock, mapped, numbers(0, 10));
    lock.agree({ address: "10.0.0.7", port: 7_000 });
    expect(send(lock, mapped, numbers(10, 100)).indexOf("ours")).toBe(99);
  });
});

describe("in mid-call", () => {
  test("a NAT that gives the same stream another port is followed once the old one is silent", () => {
    const lock = lockOn();
    send(lock, mapped, numbers(65_500, 30));
    expect(send(lock, rebound, numbers(65_531, 10), { now: 300 })).not.toContain("ours");
    expect(send(lock, rebound, numbers(5, 5), { now: 600 })).toEqual(["stranger", "stranger", "stranger", "ours", "ours"]);
    expect(lock.target).toMatchObject(rebound);
  });

  test("a sender of the same host with a new SSRC is taken after five seconds of silence, one of another host never", () => {
    const lock = lockOn();
    send(lock, mapped, numbers(0, 10));
    expect(send(lock, rebound, numbers(500, 10), { ssrc: 2, now: 4_900 })).not.toContain("ours");
    expect(send(lock, stranger, numbers(500, 500), { ssrc: 2, now: 60_000 })).not.toContain("ours");
    expect(send(lock, rebound, numbers(600, 4), { ssrc: 2, now: 60_000 })).toContain("ours");
  });

  test("with SRTP the sender is known by his key, wherever he is", () => {
    const lock = lockOn();
    send(lock, mapped, numbers(0, 10), { authentic: true });
    expect(send(lock, stranger, [77], { ssrc: 5, authentic: true })).toEqual(["ours"]);
    expect(lock.target).toMatchObject(stranger);
  });
});

test("an attacker who sprays from anywhere, with any SSRC and numbers, never takes over a session that speaks", () => {
  const packet = fc.record({
    port: fc.integer({ min: 1_024, max: 1_060 }),
    ssrc: fc.integer({ min: 2, max: 9 }),
    sequence: fc.nat(0xffff),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(agreed, mapped),
      fc.array(fc.array(packet, { maxLength: 8 }), { maxLength: 100 }),
      (real, spray) => {
        const lock = lockOn();
        send(lock, real, numbers(0, 10));
        spray.forEach((packets, slot) => {
          const now = 20 * slot;
          expect(send(lock, real, [10 + slot], { now })).toEqual(["ours"]);
          for (const { port, ssrc, sequence } of packets)
            expect(send(lock, { address: stranger.address, port }, numbers(sequence, 6), { ssrc, now })).not.toContain("ours");
        });
        expect(lock.target).toMatchObject(real);
      },
    ),
  );
});

test("nor does his noise keep the real source from being learnt", () => {
  const lock = lockOn();
  const verdicts = numbers(0, 4).flatMap((n) => {
    for (let port = 1; port <= 500; port++)
      send(lock, { address: stranger.address, port: 1_000 * (n + 1) + port }, [port], { ssrc: port });
    return send(lock, mapped, [n], { ssrc: 501 });
  });
  expect(verdicts).toEqual(["learning", "learning", "learning", "ours"]);
});
