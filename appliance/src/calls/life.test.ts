import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { TicketId } from "@sitebox/core/contract";
import { VirtualClock } from "@sitebox/core/testing";
import type { TransferProgress } from "@sitebox/drivers/line";
import { toneFrames } from "@sitebox/drivers/line/testing";
import { expect, test } from "vitest";
import { writeWav } from "../media/index.ts";
import { FakeMedia, openCallsRig, TestLeg } from "./testing/index.ts";

/** A Monday at noon. */
const NOON = Date.parse("2026-03-02T12:00:00+08:00");

async function openSite(calls: object = { recording: { enabled: false } }) {
  const clock = new VirtualClock(NOON);
  const media = new FakeMedia(clock);
  const rig = await openCallsRig({ clock, media, calls });
  const settle = () => clock.advance(0);
  const hears = (one: TestLeg, other: TestLeg) => media.hears(one.audio, other.audio);
  const linked = (one: TestLeg, other: TestLeg) => hears(one, other) && hears(other, one);
  const sounds = (leg: TestLeg) => media.legs.get(leg.audio)?.sounds ?? 0;
  /** `caller` has dialled `number`, which answers. */
  const answered = async (number: string) => {
    const phone = await rig.dialler.rings(number);
    const leg = phone.answer();
    await settle();
    return leg;
  };
  const situation = (leg: TestLeg) => leg.shown.at(-1)?.state;
  const outcomes = () => [...rig.records.calls.values()].map(({ outcome }) => outcome);
  /** Nothing is left of any call. */
  const nothingLeft = async () => {
    await clock.advance(200_000);
    expect({
      held: rig.calls.held,
      legs: media.legs.size,
      links: media.links.size,
      playing: media.playing,
      timers: clock.pending,
      ringing: rig.dialler.ringing.size,
    }).toEqual({ held: 0, legs: 0, links: 0, playing: 0, timers: 0, ringing: 0 });
  };
  const transfer = (leg: TestLeg, target: string, consulted?: TestLeg) => {
    const progress: TransferProgress[] = [];
    leg.ask({ type: "transfer", target, ...(consulted && { consulted }), report: (one) => progress.push(one) });
    return progress;
  };
  return { ...rig, clock, media, settle, hears, linked, sounds, answered, situation, outcomes, nothingLeft, transfer };
}

type Site = Awaited<ReturnType<typeof openSite>>;

/** Lets virtual time go on until something is so: files have a time of their own. */
async function until(site: Site, is: () => boolean) {
  for (let round = 0; !is(); round++) {
    if (round > 5_000) throw new Error("it never came to that");
    await site.clock.advance(20);
  }
}

const recordingIs = (site: Site, on: boolean) =>
  until(site, () => [...site.records.calls.values()].some(({ hasRecording }) => hasRecording) === on);

test("a blacklisted caller is refused and never answered", async () => {
  const site = await openSite();
  const caller = site.outside("8001", "666");
  await site.settle();
  expect(caller).toMatchObject({ answered: false, cause: "rejected" });
  expect(site.outcomes()).toEqual(["refused"]);
  await site.nothingLeft();
});

test("an extension rings before the caller is answered, and both are joined when it answers", async () => {
  const site = await openSite();
  const caller = site.from("8001", "8002");
  const ringing = await site.dialler.rings("8002");
  await site.settle();
  expect(caller.answered).toBe(false);
  expect(ringing.options.callerNumber).toBe("8001");
  const callee = ringing.answer();
  await site.settle();
  expect(caller.answered).toBe(true);
  expect(site.linked(caller, callee)).toBe(true);
  expect([...site.records.calls.values()]).toMatchObject([{ state: "extension" }]);
  await callee.hangup("normal");
  await site.settle();
  expect(caller.cause).toBe("normal");
  expect(site.outcomes()).toEqual(["extension"]);
  expect([...site.records.legs.values()]).toMatchObject([
    { number: "8001", direction: "in", cause: "normal" },
    { number: "8002", direction: "out", cause: "normal" },
  ]);
  await site.nothingLeft();
});

test("a caller who gives up while it rings stops the ringing", async () => {
  const site = await openSite();
  const caller = site.from("8001", "8002");
  await site.dialler.rings("8002");
  await caller.hangup("normal");
  await site.settle();
  expect(site.dialler.ringing.size).toBe(0);
  expect(site.outcomes()).toEqual(["abandoned"]);
  await site.nothingLeft();
});

test("what the far end says before it answers is passed through to a caller who is not answered yet", async () => {
  const site = await openSite();
  const caller = site.from("8001", "057112345678");
  const ringing = await site.dialler.rings("057112345678");
  ringing.soundsEarly();
  await site.settle();
  expect(caller).toMatchObject({ early: true, answered: false });
  expect(site.hears(caller, ringing.leg)).toBe(true);
  const callee = ringing.answer();
  await site.settle();
  expect(site.linked(caller, callee)).toBe(true);
  expect([...site.records.calls.values()]).toMatchObject([{ state: "outside" }]);
  await caller.hangup("normal");
  expect(site.records.lines).toContain("the far end is heard before it answers");
  await site.nothingLeft();
});

test("a busy extension's calls go to its mailbox", async () => {
  const site = await openSite();
  const caller = site.outside("8003");
  (await site.dialler.rings("8003")).busy();
  await site.clock.advance(5_000);
  expect(caller.answered).toBe(true);
  expect(site.records.lines).toContain("nobody-there");
  await caller.hangup("normal");
  await site.nothingLeft();
});

test("where nobody of a group answers, the assistant does", async () => {
  const site = await openSite();
  const caller = site.outside("8100");
  await site.dialler.rings("8001");
  await site.dialler.rings("8002");
  await site.clock.advance(21_000);
  expect(caller.answered).toBe(true);
  expect([...site.records.calls.values()]).toMatchObject([{ state: "assistant" }]);
  await caller.hangup("normal");
  await site.nothingLeft();
});

test("who is put on hold hears music and nobody else, until he is taken back", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const callee = await site.answered("8001");
  callee.ask({ type: "hold" });
  await site.settle();
  expect(site.linked(caller, callee)).toBe(false);
  expect(site.media.links.size).toBe(0);
  expect(site.sounds(caller)).toBe(1);
  expect(site.sounds(callee)).toBe(0);
  expect([...site.records.calls.values()]).toMatchObject([{ state: "held" }]);
  expect([site.situation(caller), site.situation(callee)]).toEqual(["on-hold", "holding"]);
  callee.ask({ type: "resume" });
  await site.settle();
  expect(site.linked(caller, callee)).toBe(true);
  expect(site.sounds(caller)).toBe(0);
  await caller.hangup("normal");
  await site.nothingLeft();
});

test("a blind transfer joins the other with its target and lets go of who transferred", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const first = await site.answered("8001");
  const progress = site.transfer(first, "8002");
  const second = await site.answered("8002");
  expect(progress).toEqual(["trying", "ringing", "answered"]);
  expect(first.cause).toBe("normal");
  expect(site.linked(caller, second)).toBe(true);
  await caller.hangup("normal");
  await site.settle();
  expect(site.outcomes()).toEqual(["extension"]);
  await site.nothingLeft();
});

test("a blind transfer to a busy number gives the call back", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const first = await site.answered("8001");
  const progress = site.transfer(first, "8002");
  (await site.dialler.rings("8002")).busy();
  await site.settle();
  expect(progress.at(-1)).toBe("failed");
  expect(site.linked(caller, first)).toBe(true);
  await first.hangup("normal");
  await site.nothingLeft();
});

test("who transferred and hung up is rung back, and where he is gone the assistant takes the call", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const first = await site.answered("8001");
  site.transfer(first, "8002");
  const target = await site.dialler.rings("8002");
  await first.hangup("normal");
  await site.settle();
  expect(caller.up).toBe(true);
  target.busy();
  const back = await site.dialler.rings("8001");
  back.busy();
  await site.clock.advance(2_000);
  expect(caller.up).toBe(true);
  expect([...site.records.calls.values()]).toMatchObject([{ state: "assistant" }]);
  await caller.hangup("normal");
  await site.nothingLeft();
});

test("an attended transfer joins the parties of two calls, and both records say so", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const first = await site.answered("8001");
  first.ask({ type: "hold" });
  const asking = site.from("8001", "8002");
  const second = await site.answered("8002");
  const progress = site.transfer(first, "8002", asking);
  await site.settle();
  expect(progress.at(-1)).toBe("answered");
  expect(site.linked(caller, second)).toBe(true);
  expect([first.cause, asking.cause]).toEqual(["normal", "normal"]);
  await second.hangup("normal");
  await site.settle();
  expect(site.outcomes()).toEqual(["extension", "transferred"]);
  await site.nothingLeft();
});

test("a leg that comes in another's place is joined, the other is let go", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const first = await site.answered("8001");
  const other = site.replace(first, "8002");
  await site.settle();
  expect(site.linked(caller, other)).toBe(true);
  expect(first.cause).toBe("normal");
  await other.hangup("normal");
  await site.nothingLeft();
});

test("who consults hears the third alone, then joins all three, each hearing both others", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const first = await site.answered("8001");
  first.key("*28002#");
  const third = await site.answered("8002");
  expect(site.linked(first, third)).toBe(true);
  expect(site.hears(third, caller)).toBe(false);
  expect(site.sounds(caller)).toBe(1);
  first.key("*2");
  await site.settle();
  expect(site.linked(first, third) && site.linked(first, caller) && site.linked(third, caller)).toBe(true);
  expect(site.situation(caller)).toBe("conference");
  expect([...site.records.calls.values()]).toMatchObject([{ state: "conference" }]);
  await first.hangup("normal");
  await site.settle();
  expect(site.linked(third, caller)).toBe(true);
  await third.hangup("normal");
  await site.nothingLeft();
});

test("who goes back from a consultation has the one who waited again", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const first = await site.answered("8001");
  first.ask({ type: "consult", target: "8002" });
  const third = await site.answered("8002");
  first.ask({ type: "back" });
  await site.settle();
  expect(third.cause).toBe("normal");
  expect(site.linked(caller, first)).toBe(true);
  await caller.hangup("normal");
  await site.nothingLeft();
});

test("keys that are no code go to the far end", async () => {
  const site = await openSite();
  const caller = site.from("8001", "057112345678");
  const far = await site.answered("057112345678");
  caller.key("1*3");
  await site.settle();
  expect(far.pressed.join("")).toBe("1*3");
  await caller.hangup("normal");
  await site.nothingLeft();
});

test("a parked call hears music until somebody dials its place", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const first = await site.answered("8001");
  const progress = site.transfer(first, "700");
  await site.clock.advance(3_000);
  expect(progress.at(-1)).toBe("answered");
  expect(site.records.moments).toContainEqual(expect.objectContaining({ data: expect.objectContaining({ slot: "701" }) }));
  expect(first.cause).toBe("normal");
  expect(site.sounds(caller)).toBe(1);
  expect([...site.records.calls.values()]).toMatchObject([{ state: "parked" }]);
  const other = site.from("8002", "701");
  await site.settle();
  expect(site.linked(caller, other)).toBe(true);
  await other.hangup("normal");
  await site.settle();
  expect(site.outcomes()).toEqual(["extension", "transferred"]);
  await site.nothingLeft();
});

test("a parked call that nobody takes rings back, then the assistant has it", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const first = await site.answered("8001");
  first.ask({ type: "park" });
  await site.clock.advance(91_000);
  await site.dialler.rings("8001");
  await site.clock.advance(21_000);
  expect([...site.records.calls.values()]).toMatchObject([{ state: "assistant" }]);
  await caller.hangup("normal");
  await site.nothingLeft();
});

test("a call that rings elsewhere is picked up", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  await site.dialler.rings("8001");
  const other = site.from("8002", "*8");
  await site.settle();
  expect(site.linked(caller, other)).toBe(true);
  expect(site.dialler.ringing.size).toBe(0);
  await caller.hangup("normal");
  await site.settle();
  expect(site.outcomes()).toEqual(["extension", "transferred"]);
  await site.nothingLeft();
});

test("nothing to pick up is told by a refusal", async () => {
  const site = await openSite();
  const other = site.from("8002", "*8");
  await site.settle();
  expect(other).toMatchObject({ answered: false, cause: "unreachable" });
  await site.nothingLeft();
});

test("a page is heard by all who answer by themselves, and nobody hears them", async () => {
  const site = await openSite();
  const speaker = site.from("8003", "8190");
  const one = await site.dialler.rings("8001");
  const two = await site.dialler.rings("8002");
  expect(one.options.answerAtOnce).toBe(true);
  two.busy();
  const member = one.answer();
  await site.settle();
  expect(site.hears(member, speaker)).toBe(true);
  expect(site.hears(speaker, member)).toBe(false);
  await speaker.hangup("normal");
  await site.settle();
  expect(member.cause).toBe("normal");
  await site.nothingLeft();
});

test("do not disturb is switched by a code, and said", async () => {
  const site = await openSite();
  site.from("8001", "*78");
  await site.clock.advance(3_000);
  expect([...site.disturbNot]).toEqual(["8001"]);
  expect(site.records.lines).toContain("do-not-disturb-on");
  await site.nothingLeft();
});

test("a carrier that asks for a transfer gets none", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const callee = await site.answered("8001");
  expect(site.transfer(caller, "01012345678")).toEqual([]);
  await site.settle();
  expect(site.dialler.ringing.size).toBe(0);
  expect(site.linked(caller, callee)).toBe(true);
  await caller.hangup("normal");
  await site.nothingLeft();
});

test("a side that sends nothing for too long is ended, with the reason in the timeline", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const callee = await site.answered("8001");
  await site.clock.advance(15_000);
  site.media.legs.get(callee.audio)?.events.push({ type: "quiet", quietMs: 15_000, from: "10.0.0.7:4000" });
  await site.clock.advance(44_000);
  expect(callee.up).toBe(true);
  await site.clock.advance(2_000);
  expect(callee.cause).toBe("failed");
  expect(caller.up).toBe(false);
  expect(site.records.lines.some((line) => /^no RTP from 10\.0\.0\.7:4000 since \d\d:\d\d:\d\d$/.test(line))).toBe(true);
  expect(site.outcomes()).toEqual(["failed"]);
  await site.nothingLeft();
});

test("silence counts from the answer: a caller who rings need not send", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  await site.clock.advance(20_000);
  const callee = await site.answered("8001");
  site.media.legs.get(caller.audio)?.events.push({ type: "quiet", quietMs: 100_000 });
  await site.clock.advance(59_000);
  expect(caller.up).toBe(true);
  await site.clock.advance(2_000);
  expect([caller.cause, callee.up]).toEqual(["failed", false]);
  await site.nothingLeft();
});

test("who holds need not send", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const callee = await site.answered("8001");
  callee.ask({ type: "hold" });
  await site.settle();
  site.media.legs.get(callee.audio)?.events.push({ type: "quiet", quietMs: 15_000 });
  await site.clock.advance(100_000);
  expect(callee.up).toBe(true);
  await caller.hangup("normal");
  await site.nothingLeft();
});

test("a media worker that dies ends the call with a record that says so", async () => {
  const site = await openSite();
  const caller = site.outside("8001");
  const callee = await site.answered("8001");
  site.media.legs.get(callee.audio)?.events.push({ type: "lost" });
  await site.settle();
  expect([caller.up, callee.up]).toEqual([false, false]);
  expect(site.outcomes()).toEqual(["failed"]);
  expect(site.records.moments.some(({ type, text }) => type === "fault" && text.includes("worker"))).toBe(true);
  await site.nothingLeft();
});

test("a placed call rings who wanted it first, then the number, and joins them", async () => {
  const site = await openSite();
  const callId = await site.calls.place({
    from: { type: "extension", number: "8001" },
    to: "057112345678",
    shown: "02588886666",
  });
  const first = await site.answered("8001");
  const ringing = await site.dialler.rings("057112345678");
  expect(ringing.options.callerNumber).toBe("02588886666");
  expect(site.sounds(first)).toBe(1);
  const second = ringing.answer();
  await site.settle();
  expect(site.linked(first, second)).toBe(true);
  expect(site.records.calls.get(callId)).toMatchObject({ channel: "desk", callerNumber: "8001", state: "outside" });
  await first.hangup("normal");
  await site.settle();
  expect(site.outcomes()).toEqual(["outside"]);
  await site.nothingLeft();
});

test("a call is not placed for nobody, to nowhere, or for a page that takes none", async () => {
  const { calls, nothingLeft } = await openSite();
  const extension = { type: "extension", number: "8001" } as const;
  await expect(calls.place({ from: extension, to: "12" })).rejects.toMatchObject({ fault: "not-allowed" });
  await expect(calls.place({ from: { ...extension, number: "8999" }, to: "8001" })).rejects.toMatchObject({ fault: "not-found" });
  await expect(calls.place({ from: { type: "agent", account: "a1", name: "amy" }, to: "8001" })).rejects.toMatchObject({
    fault: "conflict",
  });
  await nothingLeft();
});

test("a call placed by an agent is offered to that agent's page alone", async () => {
  const site = await openSite();
  const told: string[] = [];
  const agent = (id: string) => ({
    id,
    account: `account-${id}`,
    push: ({ type }: { type: string }) => void told.push(`${id} ${type}`),
  });
  for (const id of ["amy", "bob"]) site.handOffs.ready(agent(id));
  const callId = await site.calls.place({ from: { type: "agent", account: "account-amy", name: "amy" }, to: "8001" });
  await site.settle();
  const page = new TestLeg({ remote: "amy", dialled: "", answered: true });
  expect(site.handOffs.answer(callId, page)).toBe(true);
  const callee = await site.answered("8001");
  expect(told).toEqual(["amy offer", "amy offer-withdrawn"]);
  expect(site.linked(page, callee)).toBe(true);
  await page.hangup("normal");
  await site.settle();
  expect(site.outcomes()).toEqual(["agent"]);
  await site.nothingLeft();
});

test("an agent who took a call holds it, asks a colleague and hands it over", async () => {
  const site = await openSite();
  site.handOffs.ready({ id: "amy", push: () => {} });
  const caller = site.outside("8000");
  await site.clock.advance(2_000);
  site.speech.hear("人工");
  await site.settle();
  const [call] = site.records.calls.keys();
  const page = new TestLeg({ remote: "amy", dialled: "", answered: true });
  expect(call !== undefined && site.handOffs.answer(call, page)).toBe(true);
  await site.settle();
  expect(site.linked(caller, page)).toBe(true);
  page.ask({ type: "consult", target: "8002" });
  await site.dialler.rings("8001");
  const colleague = await site.answered("8002");
  expect(site.linked(page, colleague)).toBe(true);
  expect(site.situation(page)).toBe("consulting");
  page.ask({ type: "hand-over" });
  await site.settle();
  expect(page.cause).toBe("normal");
  expect(site.linked(caller, colleague)).toBe(true);
  await colleague.hangup("normal");
  await site.nothingLeft();
});

test("between two people a call is recorded only once the stranger has been told, and the star key ends and deletes it", async () => {
  const site = await openSite({});
  const caller = site.outside("8001");
  const callee = await site.answered("8001");
  expect(site.linked(caller, callee)).toBe(false);
  await site.clock.advance(500);
  await recordingIs(site, true);
  expect(site.linked(caller, callee)).toBe(true);
  expect(site.records.lines).toContain("between-notice");
  caller.key("*");
  await recordingIs(site, false);
  expect(site.records.lines).toContain("the recording was refused and is deleted");
  expect([caller.up, callee.up]).toEqual([true, true]);
  await caller.hangup("normal");
  await site.calls[Symbol.asyncDispose]();
});

test("somebody outside who is asked in a recorded call is told of the recording before he is heard", async () => {
  const site = await openSite({});
  const caller = site.outside("8001");
  const callee = await site.answered("8001");
  await recordingIs(site, true);
  callee.ask({ type: "consult", target: "057112345678" });
  const third = await site.answered("057112345678");
  expect(site.linked(callee, third)).toBe(false);
  await site.clock.advance(300);
  expect(site.linked(callee, third)).toBe(true);
  expect(site.records.lines.filter((line) => line === "between-notice")).toHaveLength(2);
  await Promise.all([caller, callee, third].map((leg) => leg.hangup("normal")));
  await site.calls[Symbol.asyncDispose]();
});

test("who calls for help hears no notice, and is not recorded", async () => {
  const site = await openSite({});
  const caller = site.from("8001", "120");
  const help = await site.answered("120");
  expect(site.linked(caller, help)).toBe(true);
  expect(site.records.lines).not.toContain("between-notice");
  await help.hangup("normal");
  await site.nothingLeft();
});

/** An extension dials an emergency number, which no line reaches. */
async function callForHelpFails(site: Site) {
  const caller = site.from("8002", "110");
  (await site.dialler.rings("110")).busy();
  await until(site, () => site.records.lines.includes("help-failed"));
  return caller;
}

test("who dials an emergency number that no line reaches is told what to do and gets a person, without the assistant or a recording", async () => {
  const site = await openSite({});
  const caller = await callForHelpFails(site);
  expect(site.drafts).toMatchObject([{ intent: "common.emergency", priority: "P0", callerNumber: "8002" }]);
  const person = await site.answered("8001");
  expect(site.linked(caller, person)).toBe(true);
  await site.clock.advance(5_000);
  await person.hangup("normal");
  await until(site, () => site.outcomes()[0] !== undefined);
  for (const line of ["recorded", "notice", "open", "between-notice"]) expect(site.records.lines).not.toContain(line);
  expect([...site.records.calls.values()]).toMatchObject([{ outcome: "extension", hasRecording: false, ticketIds: ["t1"] }]);
  await site.nothingLeft();
});

test("where no person comes either, who called for help is told once more how to get it", async () => {
  const site = await openSite({});
  const caller = await callForHelpFails(site);
  await site.dialler.rings("8001");
  await until(site, () => !caller.up);
  expect(site.records.lines.at(-1)).toBe("help-nobody");
  expect(site.records.lines).not.toContain("notice");
  expect([...site.records.calls.values()]).toMatchObject([{ hasRecording: false }]);
  await site.nothingLeft();
});

test("who calls for help in vain and is parked and forgotten is not recorded by the assistant either", async () => {
  const site = await openSite({});
  const caller = await callForHelpFails(site);
  const person = await site.answered("8001");
  site.transfer(person, "700");
  await site.settle();
  await site.clock.advance(90_000);
  (await site.dialler.rings("8001")).busy();
  await until(site, () => site.records.lines.includes("open"));
  expect([...site.records.calls.values()]).toMatchObject([{ hasRecording: false }]);
  await caller.hangup("normal");
  await site.calls[Symbol.asyncDispose]();
  expect(site.records.lines).not.toContain("recorded");
});

test("who refuses during the notice is not recorded at all", async () => {
  const site = await openSite({});
  const caller = site.outside("8001");
  const callee = await site.answered("8001");
  caller.key("*");
  await site.clock.advance(500);
  expect(site.linked(caller, callee)).toBe(true);
  expect(site.records.lines).toContain("the recording was refused");
  await caller.hangup("normal");
  await site.nothingLeft();
});

test.each(["不要录音", "我不同意录音", "别录音"])(
  "a caller who says %s to the assistant is not recorded, and the talk goes on",
  async (words) => {
    const site = await openSite({});
    const caller = site.outside("8000");
    await recordingIs(site, true);
    await site.clock.advance(2_000);
    site.speech.hear(words);
    await recordingIs(site, false);
    await site.clock.advance(2_000);
    expect(site.records.lines.slice(site.records.lines.indexOf(words))).toEqual(
      expect.arrayContaining(["the recording was refused and is deleted", "recording-refused", "open"]),
    );
    expect(caller.up).toBe(true);
    await caller.hangup("normal");
    await site.calls[Symbol.asyncDispose]();
  },
);

test("a message for a mailbox becomes a ticket with its sound and an entry of the mailbox", async () => {
  const site = await openSite();
  const caller = site.outside("8003");
  (await site.dialler.rings("8003")).busy();
  await site.clock.advance(1_000);
  const leg = site.media.legs.get(caller.audio);
  for (const frame of toneFrames(440, 50)) leg?.hear(frame);
  await site.settle();
  caller.key("#");
  await until(site, () => site.messages.length === 1);
  await site.clock.advance(1_000);
  expect(site.drafts).toMatchObject([{ kind: "message", callerNumber: "13800138000", audioFile: "messages/c1.wav" }]);
  expect(site.messages).toMatchObject([{ extension: "8003", ticketId: "t1", durationMs: 1_000 }]);
  await site.nothingLeft();
});

test("an extension hears its messages, again with 1", async () => {
  const site = await openSite();
  await mkdir(join(site.dataDir, "messages"));
  await writeWav(join(site.dataDir, "messages", "m.wav"), { sampleRate: 8_000, channels: [new Int16Array(8_000)] });
  const message = { id: "m1", extension: "8002", callerNumber: "1", audioFile: "messages/m.wav", durationMs: 1_000, leftAt: 0 };
  site.messages.push(message);
  const phone = site.from("8002", "*97");
  await until(site, () => site.records.lines.includes("mailbox-keys"));
  phone.key("1");
  await until(site, () => site.records.lines.filter((line) => line === "mailbox-keys").length === 2);
  phone.key("#");
  await until(site, () => !phone.up);
  expect(site.records.lines).toEqual(expect.arrayContaining(["mailbox-count", "mailbox-end"]));
  await site.nothingLeft();
});

test("a line is tried with a sentence: who answers hears it and is hung up on, and the record says by which line", async () => {
  await using site = await openSite();
  const announcement = { by: "admin", to: "057112345678", line: "carrier", prompt: { id: "line-test" }, dialler: site.dialler };
  await site.calls.announce(announcement);
  const leg = await site.answered("057112345678");
  await until(site, () => site.outcomes()[0] === "outside");
  expect(await leg.ended).toBe("normal");
  expect([...site.records.calls.values()]).toMatchObject([
    { channel: "desk", callerNumber: "admin", dialled: "057112345678", testedLine: "carrier" },
  ]);
  await site.calls.announce(announcement);
  (await site.dialler.rings("057112345678")).busy();
  await until(site, () => site.outcomes()[1] === "abandoned");
  await site.nothingLeft();
});

test("people are rung for an emergency that came in writing, and the first to answer hears it; nobody else is rung, and it is in the record", async () => {
  await using site = await openSite();
  const ticket = { id: TicketId.parse("t9"), place: "806", summary: "紧急:806房间,着火", callerNumber: "13812345678" };
  const told = site.calls.alert({ ticket, prompt: { id: "emergency-alert" }, signal: new AbortController().signal });
  const leg = await site.answered("8001");
  await until(site, () => site.outcomes()[0] === "extension");
  expect(await told).toBe("8001");
  expect(await leg.ended).toBe("normal");
  expect(site.records.lines.filter((line) => line === "emergency-alert")).toHaveLength(2);
  expect([...site.records.calls.values()]).toMatchObject([
    { callerNumber: "13812345678", ticketIds: ["t9"], hasRecording: false },
  ]);
  await site.nothingLeft();
});

test("an emergency for which nobody answers, or which somebody has taken meanwhile, rings no longer", async () => {
  await using site = await openSite();
  const ticket = { id: TicketId.parse("t9"), summary: "紧急:着火" };
  const prompt = { id: "emergency-alert" };
  const inVain = site.calls.alert({ ticket, prompt, signal: new AbortController().signal });
  (await site.dialler.rings("8001")).busy();
  await until(site, () => site.outcomes()[0] === "abandoned");
  expect(await inVain).toBeUndefined();
  const taken = new AbortController();
  const told = site.calls.alert({ ticket, prompt, signal: taken.signal });
  await site.dialler.rings("8001");
  taken.abort();
  await until(site, () => site.outcomes()[1] === "abandoned");
  expect(await told).toBeUndefined();
  await site.nothingLeft();
});
