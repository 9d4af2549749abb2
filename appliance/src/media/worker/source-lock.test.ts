import { expect, test } from "vitest";
import { SourceLock } from "./source-lock.ts";

const agreed = { address: "192.0.2.1", port: 4_000 };
const mapped = { address: "198.51.100.7", port: 61_000 };
const stranger = { address: "203.0.113.9", port: 5_000 };

function lockOn(source = agreed): SourceLock {
  const lock = new SourceLock();
  lock.agree(source);
  return lock;
}

const send = (lock: SourceLock, source: typeof agreed, sequences: number[], ssrc = 1) =>
  sequences.map((sequence) => lock.judge(source, ssrc, sequence));

test("the agreed source is believed from its first packet, and others are strangers then", () => {
  const lock = lockOn();
  expect(send(lock, agreed, [1])).toEqual(["ours"]);
  expect(send(lock, stranger, [1, 2, 3, 4, 5])).toEqual(Array(5).fill("stranger"));
  expect(lock.target).toEqual(agreed);
});

test("behind a NAT the real source is learnt after four packets in sequence, and sent to", () => {
  const lock = lockOn();
  expect(lock.target).toEqual(agreed);
  expect(send(lock, mapped, [65_534, 65_535, 0, 1, 2])).toEqual(["learning", "learning", "learning", "ours", "ours"]);
  expect(lock.target).toEqual(mapped);
  expect(send(lock, stranger, [1, 2, 3, 4])).toEqual(Array(4).fill("stranger"));
});

test("packets out of sequence, of changing SSRC or from here and there are not believed", () => {
  expect(send(lockOn(), stranger, [1, 3, 5, 7, 9, 11])).not.toContain("ours");
  const lock = lockOn();
  for (let n = 0; n < 10; n++) expect(lock.judge(n % 2 ? stranger : mapped, 1, n)).toBe("learning");
  for (let n = 0; n < 10; n++) expect(lock.judge(mapped, n, n)).toBe("learning");
});

test("the agreed source takes over from one that was learnt", () => {
  const lock = lockOn();
  send(lock, stranger, [1, 2, 3, 4]);
  expect(send(lock, agreed, [100])).toEqual(["ours"]);
  expect(send(lock, stranger, [5, 6, 7, 8, 9])).toEqual(Array(5).fill("stranger"));
});

test("a new agreement is learnt anew, the same one again changes nothing", () => {
  const lock = lockOn();
  send(lock, mapped, [1, 2, 3, 4]);
  lock.agree({ ...agreed });
  expect(lock.target).toEqual(mapped);
  lock.agree(stranger);
  expect(lock.target).toEqual(stranger);
  expect(send(lock, mapped, [5])).toEqual(["learning"]);
});
