import fc from "fast-check";
import { expect, test } from "vitest";
import { keysFrom, localAudio } from "./ends.testing.ts";
import {
  type Direction,
  formatSdp,
  type LocalAudio,
  makeAnswer,
  makeOffer,
  type OfferAnswer,
  parseSdp,
  rollback,
  type SessionDescription,
  type SrtpPolicy,
  startOfferAnswer,
  takeAnswer,
  takeOffer,
} from "./index.ts";

type Note = { readonly type: "offer" | "answer"; readonly text: string } | { readonly type: "refusal"; readonly status: number };

/** One end of the call, and what is on its way to it. */
class End {
  session: OfferAnswer;
  local: LocalAudio;
  readonly arriving: Note[] = [];
  /** Every description that it sent. */
  readonly sent: SessionDescription[] = [];
  refused = 0;

  constructor(name: number, srtp: SrtpPolicy) {
    this.session = startOfferAnswer(String(name));
    this.local = localAudio({ address: `192.0.2.${name}`, port: 10_000 * name, srtp, newKey: keysFrom(name) });
  }

  offer(to: End): void {
    const made = makeOffer(this.session, this.local);
    expect(made.type).toBe(this.session.state === "stable" ? "offered" : "glare");
    if (made.type !== "offered") return;
    this.session = made.next;
    this.#send(to, "offer", made.offer);
  }

  /** Reads the oldest note, and answers an offer at once. */
  read(from: End): void {
    const note = this.arriving.shift();
    if (note?.type === "offer") this.#onOffer(from, note.text);
    else if (note?.type === "answer") this.#onAnswer(note.text);
    else if (note) {
      const before = this.session.agreed;
      this.session = rollback(this.session);
      expect(this.session.agreed).toBe(before);
      this.refused += 1;
    }
  }

  #onOffer(from: End, text: string): void {
    const before = this.session;
    const offer = parsed(text);
    const taken = takeOffer(before, offer, this.local);
    if (taken.type !== "taken") {
      // Two offers under way at once are refused at both ends, and only then.
      expect(taken.type === "glare").toBe(before.state === "local-offer");
      if (taken.type === "refused") expect(taken.next).toEqual(before);
      return void from.arriving.push({ type: "refusal", status: taken.status });
    }
    const made = makeAnswer(taken.next, this.local);
    if (made.type !== "answered") throw new Error(made.type);
    this.session = made.next;
    expect(made.answer.media.map(({ kind }) => kind)).toEqual(offer.media.map(({ kind }) => kind));
    this.#send(from, "answer", made.answer);
  }

  #onAnswer(text: string): void {
    const taken = takeAnswer(this.session, parsed(text));
    // Our own answers always fit our own offers.
    expect(taken.type).toBe("agreed");
    if (taken.type === "agreed") this.session = taken.next;
  }

  #send(to: End, type: "offer" | "answer", description: SessionDescription): void {
    this.sent.push(description);
    to.arriving.push({ type, text: formatSdp(description) });
  }
}

function parsed(text: string): SessionDescription {
  const read = parseSdp(text);
  if (!read) throw new Error(`we wrote what we cannot read: ${text}`);
  return read;
}

/** What one end sends is what the other hears, to where it hears it, in the codec and with the key that it knows. */
function expectToMatch(one: End, other: End): void {
  const [ours, theirs] = [one.session.agreed?.remote, other.session.agreed?.remote];
  expect(ours === undefined).toBe(theirs === undefined);
  if (!ours || !theirs) return;
  expect([ours.send, ours.receive]).toEqual([theirs.receive, theirs.send]);
  expect([ours.codec, ours.payloadType, ours.telephoneEvent]).toEqual([theirs.codec, theirs.payloadType, theirs.telephoneEvent]);
  expect(ours.srtp?.local).toEqual(theirs.srtp?.remote);
  expect(ours.rtcp).toBe(theirs.rtcp);
  const there = other.session.agreed?.local;
  expect([ours.address, ours.port]).toEqual([there?.connection, there?.media[0]?.port]);
  // Who did not offer to send learns nothing of whether it would be heard.
  if (says(one.session.agreed?.local, "sendrecv", "sendonly"))
    expect(one.session.agreed?.held).toBe(!says(there, "sendrecv", "recvonly"));
}

const says = (description: SessionDescription | undefined, ...directions: readonly Direction[]) =>
  description?.media[0]?.attributes.some(([name]) => directions.some((direction) => direction === name)) ?? false;

/** A description that says the same has the same version, and any other the next (RFC 3264 §8). */
function expectVersionsInOrder({ sent }: End): void {
  for (const [at, description] of sent.entries()) {
    const before = sent[at - 1];
    const { version } = description.origin;
    if (!before) expect(version).toBe("1");
    else {
      const same = formatSdp({ ...description, origin: before.origin }) === formatSdp(before);
      expect(Number(version)).toBe(Number(before.origin.version) + (same ? 0 : 1));
    }
  }
}

const codecs = fc.shuffledSubarray(["PCMA", "PCMU", "G722"] as const, { minLength: 1 });
const wishes = fc.record({
  codecs,
  direction: fc.constantFrom<Direction>("sendrecv", "sendonly", "recvonly", "inactive"),
  packetMs: fc.constantFrom(10, 20, 30, 60),
});
const side = fc.constantFrom(0, 1);
const command = fc.oneof(
  fc.record({ type: fc.constant("offer" as const), side, wishes }),
  fc.record({ type: fc.constant("wish" as const), side, wishes }),
  { weight: 4, arbitrary: fc.record({ type: fc.constant("read" as const), side }) },
);
const policy = fc.constantFrom<SrtpPolicy>("off", "accept", "prefer", "require");

/** Sequences that are tried. */
const RUNS = 3_000;

test("whatever two ends offer each other in whatever order, they end agreeing on the same or on what they had", () => {
  fc.assert(
    fc.property(policy, policy, fc.array(command, { maxLength: 40 }), (first, second, commands) => {
      const ends = [new End(1, first), new End(2, second)] as const;
      const other = (at: number) => (at === 0 ? ends[1] : ends[0]);
      for (const step of commands) {
        const end = step.side === 0 ? ends[0] : ends[1];
        if (step.type !== "read") end.local = { ...end.local, ...step.wishes };
        if (step.type === "offer") end.offer(other(step.side));
        if (step.type === "read") end.read(other(step.side));
      }
      for (let at = 0; ends[0].arriving.length + ends[1].arriving.length > 0; at = 1 - at)
        (at === 0 ? ends[0] : ends[1]).read(other(at));
      for (const [at, end] of ends.entries()) {
        expect(end.session.state).toBe("stable");
        expectVersionsInOrder(end);
        // Nobody can speak while an end refuses what the other requires.
        expectToMatch(end, other(at));
      }
    }),
    { numRuns: RUNS },
  );
});

test("two ends that both can and want to, agree at once, and each key is used by one end only", () => {
  fc.assert(
    fc.property(fc.constantFrom<SrtpPolicy>("accept", "prefer", "require"), codecs, codecs, (srtp, ours, theirs) => {
      const ends = [new End(1, srtp), new End(2, "accept")] as const;
      ends[0].local = { ...ends[0].local, codecs: ours };
      ends[1].local = { ...ends[1].local, codecs: theirs };
      ends[0].offer(ends[1]);
      ends[1].read(ends[0]);
      ends[0].read(ends[1]);
      const shared = theirs.find((codec) => ours.includes(codec));
      const { remote } = ends[0].session.agreed ?? {};
      expect(remote?.codec).toBe(shared);
      if (!remote) return;
      expect(remote.srtp !== undefined).toBe(srtp !== "accept");
      if (remote.srtp) expect(remote.srtp.local).not.toEqual(remote.srtp.remote);
      expectToMatch(...ends);
    }),
    { numRuns: 500 },
  );
});
