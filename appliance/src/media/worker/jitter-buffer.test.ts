import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JitterBuffer } from "./jitter-buffer.ts";

/** A frame that bears its number in each of its samples. */
const numbered = (number: number, length = 160) => new Int16Array(length).fill(number);

/** What the network did to one packet. */
const fate = fc.record({
  lost: fc.boolean(),
  duplicated: fc.boolean(),
  /** In slots after it was sent. */
  delay: fc.oneof({ weight: 4, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(20) }),
});

/** Sends numbered packets through such a network and gives what came out, slot by slot; nothing where it was not voice. */
function played(
  fates: readonly { lost: boolean; duplicated: boolean; delay: number }[],
  firstTimestamp: number,
): (number | undefined)[] {
  const arrivals: number[][] = [];
  fates.forEach(({ lost, duplicated, delay }, n) => {
    if (lost) return;
    for (const at of duplicated ? [n + delay, n + delay + 1] : [n + delay]) arrivals[at] = [...(arrivals[at] ?? []), n];
  });
  const buffer = new JitterBuffer();
  return Array.from({ length: fates.length + 60 }, (_, slot) => {
    for (const n of arrivals[slot] ?? []) buffer.push((firstTimestamp + n * 160) >>> 0, numbered(n));
    const pulled = buffer.pull();
    return pulled.type === "voice" ? pulled.samples[159] : undefined;
  });
}

const voiced = (out: readonly (number | undefined)[]) => out.filter((number) => number !== undefined);

describe("whatever the network loses, doubles, delays and reorders", () => {
  test("sound never goes back, and none is heard twice", () => {
    fc.assert(
      fc.property(fc.array(fate, { maxLength: 300 }), fc.nat(0xffff_ffff), (fates, first) => {
        const out = voiced(played(fates, first));
        for (let i = 1; i < out.length; i++) expect(out[i]).toBeGreaterThan(out[i - 1] ?? 0);
      }),
      { numRuns: 300 },
    );
  });

  test("it never stalls: a second of good packets later they are heard within 300 ms", () => {
    fc.assert(
      fc.property(fc.array(fate, { maxLength: 200 }), fc.nat(0xffff_ffff), (fates, first) => {
        const good = Array.from({ length: 100 }, () => ({ lost: false, duplicated: false, delay: 0 }));
        const out = played([...fates, ...good], first);
        const lastSent = fates.length + 99;
        const heardBy = out.slice(fates.length + 70, lastSent + 15);
        expect(voiced(heardBy).length).toBeGreaterThan(0);
        expect(Math.max(...voiced(out))).toBe(lastSent);
        expect(out.indexOf(lastSent)).toBeLessThanOrEqual(lastSent + 15);
      }),
      { numRuns: 300 },
    );
  });
});

test("good packets come out whole after 40 ms", () => {
  const out = played(
    Array.from({ length: 100 }, () => ({ lost: false, duplicated: false, delay: 0 })),
    5,
  );
  expect(out.slice(0, 1)).toEqual([undefined]);
  expect(voiced(out)).toEqual(Array.from({ length: 100 }, (_, n) => n));
});

test("a sender that repeats every packet costs no delay", () => {
  const out = played(
    Array.from({ length: 800 }, () => ({ lost: false, duplicated: true, delay: 0 })),
    0,
  );
  expect(out.indexOf(700)).toBeLessThanOrEqual(704);
});

test("packets that change places within the depth are put right without a gap", () => {
  const fates = Array.from({ length: 60 }, (_, n) => ({ lost: false, duplicated: false, delay: n % 2 === 0 ? 1 : 0 }));
  const out = played(fates, 1_000);
  expect(voiced(out).length).toBeGreaterThanOrEqual(57);
});

test("one lost packet is one lost frame, in its own place", () => {
  const fates = Array.from({ length: 20 }, (_, n) => ({ lost: n === 10, duplicated: false, delay: 0 }));
  const out = played(fates, 0);
  const at9 = out.indexOf(9);
  expect(out.slice(at9, at9 + 3)).toEqual([9, undefined, 11]);
});

test("it grows as late as the packets come, loses nothing then, and calm makes it prompt again", () => {
  const buffer = new JitterBuffer();
  let sent = 0;
  const send = () => buffer.push(sent * 160, numbered(sent++));
  const pulled = () => {
    const out = buffer.pull();
    return out.type === "voice" ? (out.samples[159] ?? 0) : undefined;
  };
  const uneven: (number | undefined)[] = [];
  // Half of each 200 ms brings nothing, then all that was held up comes at once.
  for (let slot = 0; slot < 500; slot++) {
    if (slot % 10 < 5) send();
    if (slot % 10 === 9) for (let held = 0; held < 5; held++) send();
    uneven.push(pulled());
  }
  expect(uneven.slice(100).filter((number) => number === undefined).length).toBeLessThanOrEqual(2);
  for (let slot = 0; slot < 1_500; slot++) {
    send();
    pulled();
  }
  send();
  expect(sent - (pulled() ?? 0)).toBeLessThanOrEqual(4);
});

test("a heap of packets after a freeze is cut to its depth, not played late for ever", () => {
  const buffer = new JitterBuffer();
  for (let n = 0; n < 50; n++) buffer.push(n * 160, numbered(n));
  const pulled = buffer.pull();
  expect(pulled.type === "voice" && pulled.samples[0]).toBeGreaterThan(40);
});

test("what waits for slots that are already due is not too much", () => {
  const buffer = new JitterBuffer();
  for (let n = 0; n < 20; n++) buffer.push(n * 160, numbered(n));
  const out = Array.from({ length: 17 }, (_, n) => buffer.pull(16 - n));
  expect(out.map((pulled) => pulled.type === "voice" && pulled.samples[0])).toEqual(Array.from({ length: 17 }, (_, n) => n));
});

test.each([80, 240, 480])("packets of %i samples become frames of 160", (length) => {
  const buffer = new JitterBuffer();
  const ramp = Int16Array.from({ length: length * 40 }, (_, i) => i % 30_000);
  const heard: number[] = [];
  let sent = 0;
  for (let slot = 0; heard.length < 4_000; slot++) {
    for (; (sent + 1) * length <= (slot + 1) * 160 + length && sent < 40; sent++)
      buffer.push(sent * length, ramp.slice(sent * length, (sent + 1) * length));
    const pulled = buffer.pull();
    if (pulled.type === "voice") heard.push(...pulled.samples);
    if (slot > 200) break;
  }
  const steps = heard.map((sample, i) => sample - (heard[i - 1] ?? sample - 1));
  expect(heard.length).toBeGreaterThan(2_000);
  expect(steps.filter((step) => step !== 1).length).toBeLessThanOrEqual(2);
});

test("silence of the sender is silence, and the timestamps may have gone on far", () => {
  const buffer = new JitterBuffer();
  for (let n = 0; n < 5; n++) {
    buffer.push(n * 160, numbered(n));
    buffer.pull();
  }
  const quiet = Array.from({ length: 30 }, () => buffer.pull().type);
  expect(quiet.at(-1)).toBe("idle");
  const far = 3_000_000;
  const out = Array.from({ length: 10 }, (_, n) => {
    buffer.push(far + n * 160, numbered(100 + n));
    return buffer.pull();
  });
  expect(out.filter(({ type }) => type === "voice").length).toBeGreaterThanOrEqual(8);
});

test("timestamps that jump in mid-stream start a new one", () => {
  const buffer = new JitterBuffer();
  for (let n = 0; n < 10; n++) {
    buffer.push(1_000_000 + n * 160, numbered(n));
    buffer.pull();
  }
  const out = Array.from({ length: 10 }, (_, n) => {
    buffer.push(5_000 + n * 160, numbered(100 + n));
    return buffer.pull();
  });
  const last = out.at(-1);
  expect(last?.type === "voice" && last.samples[0]).toBe(108);
});

describe("a sender that does not send its silence", () => {
  /** Speaks from packet to packet as told: its number, its place in time in frames. */
  function speaking(packets: readonly (readonly [sequence: number, place: number])[]) {
    const buffer = new JitterBuffer();
    const slots = Math.max(...packets.map(([, place]) => place)) + 10;
    return Array.from({ length: slots }, (_, slot) => {
      for (const [sequence, place] of packets) if (place === slot) buffer.push(place * 160, numbered(place), sequence);
      const pulled = buffer.pull();
      return pulled.type === "voice" ? pulled.samples[0] : pulled.type;
    });
  }

  const talk = (from: number, count: number, sequence: number) =>
    Array.from({ length: count }, (_, n) => [sequence + n, from + n] as const);

  test("has lost nothing where its numbers go on, and is heard in time after a short silence and a long one", () => {
    for (const pause of [3, 8, 40, 300]) {
      const out = speaking([...talk(0, 20, 0), ...talk(20 + pause, 20, 20)]);
      const delay = out.indexOf(10) - 10;
      const resumed = out.indexOf(20 + pause) - (20 + pause);
      expect([pause, delay, resumed]).toEqual([pause, 1, 1]);
      expect(out.filter((one) => typeof one === "number").length).toBe(40);
    }
  });

  test("has lost what lies between where its numbers do not go on", () => {
    const out = speaking([...talk(0, 20, 0), ...talk(22, 20, 22)]);
    expect(out.filter((one) => one === "lost").length).toBeGreaterThanOrEqual(2);
  });

  test("is silent at once where it says so", () => {
    const buffer = new JitterBuffer();
    const types: string[] = [];
    for (let n = 0; n < 30; n++) {
      if (n < 10) buffer.push(n * 160, numbered(n), n);
      if (n === 10) buffer.quiet(1_600);
      if (n >= 20) buffer.push(n * 160, numbered(n), n - 9);
      types.push(buffer.pull().type);
    }
    expect(types).not.toContain("lost");
    expect(types.filter((type) => type === "voice").length).toBeGreaterThanOrEqual(19);
  });

  test("has lost what is missing once it speaks again", () => {
    const buffer = new JitterBuffer();
    const types: string[] = [];
    for (let n = 0; n < 40; n++) {
      if (n === 10 || n === 16) buffer.quiet(1_600);
      if ((n < 10 || n >= 12) && n !== 30) buffer.push(n * 160, numbered(n), n);
      types.push(buffer.pull().type);
    }
    expect(types.slice(0, 25)).not.toContain("lost");
    expect(types.slice(25).filter((type) => type === "lost").length).toBe(1);
  });
});
