import { expect, test } from "vitest";
import { eventually, revisions, startBox, startHeadquarters } from "./rig.ts";

test("a box enrols by itself on this machine and what it tells arrives once and in order", async () => {
  await using hq = await startHeadquarters();
  await using box = await startBox({ enrolUrl: hq.enrolUrl, caFingerprint: hq.caFingerprint });
  await box.change("t1", 1);
  await box.until("online");
  await box.change("t1", 2);
  await box.change("t1", 3);
  await box.empty();
  await eventually(hq, async () => (await revisions(hq, "box-1", "t1")).length === 3);
  expect(await revisions(hq, "box-1", "t1")).toEqual([1, 2, 3]);
  expect(await hq.fleet.box("box-1")).toMatchObject({ online: true, siteName: "示范酒店", software: "0.1.0", openTickets: 1 });
  expect(box.uplink.state()).toMatchObject({ state: "online", waiting: 0 });
});
