import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { type CameText, forgetfulMemory } from "../management.ts";
import { GoipInbox } from "./inbox.ts";

/** One text that is said under this number; `clockIsSet`: of a device that knows the time. */
function rig({ clockIsSet }: { readonly clockIsSet: boolean }) {
  const clock = new VirtualClock();
  const number = clockIsSet ? `${clock.now() / 1_000}` : "100";
  const memory = forgetfulMemory();
  const told: CameText[] = [];
  let acknowledged = 0;
  const open = () => new GoipInbox({ clock, log: silentLog, memory, textCame: (text) => told.push(text) });
  const say = (inbox: GoipInbox) =>
    inbox.take({
      port: 1,
      lineId: "goip01",
      number,
      from: "13900139000",
      text: "1",
      acknowledge: async () => {
        acknowledged += 1;
      },
    });
  return { clock, told, open, say, acknowledged: () => acknowledged };
}

test("a device whose clock is not set says other texts under the same numbers after its next start", async () => {
  const { clock, told, open, say, acknowledged } = rig({ clockIsSet: false });
  const inbox = open();
  say(inbox);
  await told[0]?.stored();
  say(inbox);
  expect([told.length, acknowledged()]).toEqual([1, 2]);
  await clock.advance(600_001);
  say(inbox);
  say(inbox);
  expect(told.map(({ text }) => text)).toEqual(["1", "1"]);
  expect(told[1]?.id).not.toBe(told[0]?.id);
  expect(acknowledged()).toBe(2);
  await told[1]?.stored();
  expect(acknowledged()).toBe(3);
});

test("what a device with a clock says under the same number is the same text, however much later and after a restart", async () => {
  const { clock, told, open, say, acknowledged } = rig({ clockIsSet: true });
  const inbox = open();
  say(inbox);
  await told[0]?.stored();
  await clock.advance(3_600_000);
  say(inbox);
  const anew = open();
  await anew.resume();
  say(anew);
  expect([told.length, acknowledged()]).toEqual([1, 3]);
});

test("a text that is said again before it is stored is acknowledged where it was said last", async () => {
  const { told, open, say, acknowledged } = rig({ clockIsSet: true });
  const inbox = open();
  for (let times = 0; times < 3; times++) say(inbox);
  expect([told.length, acknowledged()]).toEqual([1, 0]);
  await told[0]?.stored();
  await told[0]?.stored();
  expect(acknowledged()).toBe(1);
});
