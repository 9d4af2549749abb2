import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { FakeMedia, openCallsRig, type TestLeg } from "./testing/index.ts";

async function openSite() {
  const clock = new VirtualClock();
  const media = new FakeMedia(clock);
  const rig = await openCallsRig({ clock, media, calls: { recording: { enabled: false } } });
  /** An extension dials a number outside, which answers. */
  const dials = async (extension: string, number: string): Promise<TestLeg> => {
    rig.from(extension, number);
    const leg = (await rig.dialler.rings(number)).answer();
    await clock.advance(0);
    return leg;
  };
  /** Room is made; whoever is to go is told so until then. */
  const makeRoom = async (lines: readonly string[] = ["carrier"]) => {
    const making = rig.calls.makeRoom(lines);
    await clock.advance(5_000);
    return making;
  };
  return { ...rig, clock, media, dials, makeRoom };
}

test("who waits goes before who talks with the assistant, people go last, and a call for help never", async () => {
  const site = await openSite();
  const help = await site.dials("8001", "119");
  const people = await site.dials("8002", "087654321");
  const assistants = site.outside("8000", "13911111111");
  const waiting = site.outside("8003", "13922222222");
  await site.dialler.rings("8003");
  await site.clock.advance(0);
  const up = () => [help, people, assistants, waiting].map((leg) => leg.up);
  expect(up()).toEqual([true, true, true, true]);
  expect(await site.makeRoom(["elsewhere"])).toBeUndefined();
  expect(await site.makeRoom()).toBe("carrier");
  expect(up()).toEqual([true, true, true, false]);
  expect(waiting.cause).toBe("busy");
  expect(await site.makeRoom()).toBe("carrier");
  expect(up()).toEqual([true, true, false, false]);
  expect(await site.makeRoom()).toBe("carrier");
  expect(up()).toEqual([true, false, false, false]);
  expect(await site.makeRoom()).toBeUndefined();
  expect(help.up).toBe(true);
});

test("of equals the newest goes, is told why before, and the record says so", async () => {
  const site = await openSite();
  const first = await site.dials("8001", "087654321");
  const second = await site.dials("8002", "087654322");
  const making = site.calls.makeRoom(["carrier"]);
  await site.clock.advance(0);
  expect(site.media.legs.get(second.audio)?.sounds).toBe(1);
  expect(site.speech.spoken).toContain("line-needed");
  await site.clock.advance(5_000);
  expect(await making).toBe("carrier");
  expect([first.up, second.up]).toEqual([true, false]);
  expect(site.records.moments).toContainEqual(
    expect.objectContaining({ type: "decision", text: "ended for a call for help", data: { line: "carrier" } }),
  );
});

test("two that call for help at once take two lines", async () => {
  const site = await openSite();
  const legs = [await site.dials("8001", "087654321"), await site.dials("8002", "087654322")];
  const both = Promise.all([site.calls.makeRoom(["carrier"]), site.calls.makeRoom(["carrier"])]);
  await site.clock.advance(5_000);
  expect(await both).toEqual(["carrier", "carrier"]);
  expect(legs.map(({ up }) => up)).toEqual([false, false]);
});

test("a number that rings outside is given up at once; a number for help that rings goes on", async () => {
  const site = await openSite();
  site.from("8001", "119");
  await site.dialler.rings("119");
  site.from("8002", "087654321");
  const ringing = await site.dialler.rings("087654321");
  ringing.options.onLine?.("carrier");
  expect(await site.makeRoom()).toBe("carrier");
  expect([...site.dialler.ringing].map(({ target }) => target.number)).toEqual(["119"]);
  expect(await site.makeRoom()).toBeUndefined();
});

test("who told the assistant of an emergency keeps the line", async () => {
  const site = await openSite();
  const caller = site.outside("8000", "13911111111");
  await site.clock.advance(0);
  while (!site.speech.spoken.includes("open")) await site.clock.advance(20);
  await site.clock.advance(1_000);
  site.speech.hear("着火了");
  while (site.drafts.length === 0) await site.clock.advance(20);
  expect(await site.calls.makeRoom(["carrier"])).toBeUndefined();
  expect(caller.up).toBe(true);
});
