import type { SelfCall } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { DialOptions, DialOutcome, Leg } from "@sitebox/drivers/line";
import { Ear, TONES, toneFrames } from "./tones.ts";

/** From the last digit to the first ring; international roaming takes longest. */
const RING_MS = 40_000;
/** The line that called learns of the answer within so long: analogue ones have to hear it. */
const JOIN_MS = 15_000;
/** A call that was answered and does not come in by then was answered by somebody else: a mailbox of the operator, whom it is forwarded to. */
const ELSEWHERE_MS = 5_000;
/** Each end is listened to for so long before it counts as silent. */
const LISTEN_MS = 8_000;

export interface OneCall {
  readonly clock: Clock;
  /** Calls the number. */
  dial(options: Pick<DialOptions, "signal">): Promise<DialOutcome>;
  /** The call, when it comes in. Undefined: one came without a number. */
  readonly arrived: Promise<Leg | undefined>;
  /** Aborting breaks it off at once. */
  readonly signal: AbortSignal;
}

export type OneCallResult = Pick<SelfCall, "result" | "reason" | "toLine" | "fromLine">;

const whyNot = (outcome: DialOutcome): string =>
  outcome.type === "unreachable" ? outcome.reason : outcome.type === "answered" ? "somebody else answered" : outcome.type;

/** Has one call made, answers it, and measures what each end hears of the other. Throws the signal's reason where it is broken off. Nothing is up when it settles. */
export async function callOnce({ clock, dial, arrived, signal }: OneCall): Promise<OneCallResult> {
  const over = new AbortController();
  const legs: Leg[] = [];
  const broken = Promise.withResolvers<never>();
  broken.promise.catch(() => {});
  const breakOff = () => {
    broken.reject(signal.reason);
    over.abort();
    for (const leg of legs) void leg.hangup("normal");
  };
  signal.throwIfAborted();
  signal.addEventListener("abort", breakOff, { once: true });
  const dialling = dial({ signal: over.signal }).then((outcome) => {
    if (outcome.type === "answered") legs.push(outcome.leg);
    return outcome;
  });
  const within = async <T>(ms: number, promise: Promise<T>): Promise<T | "late"> => {
    const late = Promise.withResolvers<"late">();
    using _timer = clock.after(ms, () => late.resolve("late"));
    return await Promise.race([promise, broken.promise, late.promise]);
  };
  const told = arrived.then((leg) => {
    if (leg) legs.push(leg);
    return leg ?? ("no-number" as const);
  });
  try {
    const notHere = dialling.then(async (outcome) => {
      // An answer that is only assumed is none yet.
      const assumed = outcome.type === "answered" && outcome.leg.facts.answerKnownBy === "assumed";
      if (outcome.type === "answered") await clock.sleep(assumed ? RING_MS : ELSEWHERE_MS, over.signal).catch(() => undefined);
      return outcome;
    });
    const first = await within(RING_MS, Promise.race([told, notHere]));
    if (first === "no-number") return { result: "no-number" };
    if (first === "late") {
      over.abort();
      return { result: "not-rung", reason: whyNot(await dialling) };
    }
    if ("type" in first) return { result: "not-rung", reason: whyNot(first) };
    const line = first;
    const answering = Promise.race([line.answer(), line.ended]);
    if ((await within(JOIN_MS, answering)) === "late") return { result: "not-connected", reason: "it could not be answered" };
    // What is said from here on is how an analogue line hears that it was answered.
    const toLine = new Side(line, { says: TONES.fromLine, hears: TONES.toLine });
    const outcome = await within(JOIN_MS, dialling);
    if (outcome === "late" || outcome.type !== "answered")
      return { result: "not-connected", reason: outcome === "late" ? "the answer was not told" : whyNot(outcome) };
    const fromLine = new Side(outcome.leg, { says: TONES.toLine, hears: TONES.fromLine });
    const ended = Promise.race([line.ended, outcome.leg.ended]);
    await within(LISTEN_MS, Promise.race([Promise.all([toLine.hearing, fromLine.hearing]), ended]));
    const both = toLine.heard.heard && fromLine.heard.heard;
    return { result: both ? "good" : "silent", toLine: toLine.heard, fromLine: fromLine.heard };
  } finally {
    signal.removeEventListener("abort", breakOff);
    over.abort();
    await dialling.catch(() => undefined);
    await Promise.all(legs.map((leg) => leg.hangup("normal")));
  }
}

/** One end: says its tone and listens for the other's until its leg ends. Frames come at the pace of sound, so each that comes lets one go. */
class Side {
  /** Resolves when the other's tone is heard; stays pending otherwise. */
  readonly hearing: Promise<void>;
  readonly #ear: Ear;

  constructor(leg: Leg, { says, hears }: { readonly says: number; readonly hears: number }) {
    this.#ear = new Ear(hears, says);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.hearing = promise;
    // Sound that breaks off is sound that is not heard.
    void this.#run(leg, says, resolve).catch(() => undefined);
  }

  get heard() {
    return this.#ear.heard;
  }

  async #run({ audio }: Leg, says: number, heard: () => void): Promise<void> {
    const tone = toneFrames(says);
    for await (const frame of audio.frames) {
      audio.write(tone.next().value);
      this.#ear.take(frame);
      if (this.#ear.heard.heard) heard();
    }
  }
}
