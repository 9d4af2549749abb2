import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LineState, SimMemory } from "../line/index.ts";
import { until } from "../line/testing/index.ts";
import type { GsmDeps } from "./index.ts";
import { down, open, stated, up } from "./rig.testing.ts";
import { openScriptedModem } from "./testing/index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-gsm-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the SIM of a GSM line", () => {
  test("enters the PIN once, and never with fewer than three attempts left", async () => {
    await using modem = await openScriptedModem({ folder, radio: { sim: "SIM PIN" } });
    await using wrong = await open(stated(modem, { pin: "9999" }));
    await until(wrong, ({ reason }) => reason?.startsWith("only 2 attempts are left") ?? false);
    expect(modem.radio.pinAttempts).toBe(2);
    await wrong[Symbol.asyncDispose]();
    modem.radio.pinAttempts = 3;
    await using right = await open(stated(modem, { pin: "1234" }));
    await up(right);
  });

  test.for(["the right PIN entered there", "the PIN switched off there"])(
    "once its PIN was refused, a line comes up again by a telephone: %s, and by nothing else",
    async (cure) => {
      await using modem = await openScriptedModem({ folder, radio: { sim: "SIM PIN" } });
      const tooFew = ({ reason }: LineState) => reason?.startsWith("only 2 attempts are left") ?? false;
      const wrong = await open(stated(modem, { pin: "9999" }));
      await until(wrong, tooFew);
      await wrong[Symbol.asyncDispose]();
      const tried: string[] = [];
      const onTraffic: GsmDeps["onTraffic"] = ({ bytes }) => tried.push(Buffer.from(bytes).toString("latin1"));
      await using line = await open(stated(modem, { pin: "1234" }), { onTraffic });
      expect(await until(line, tooFew)).toMatchObject({ state: "down", fault: "pin-refused" });
      expect(tried.join("")).not.toContain("+CPIN=");
      if (cure.startsWith("the right")) modem.radio.pinAttempts = 3;
      else modem.radio.sim = "READY";
      await up(line);
    },
  );

  test("uses no other SIM than the registered one", async () => {
    await using modem = await openScriptedModem({ folder });
    const sim = { number: modem.identity.number, owner: "A hotel", purpose: "reception", iccid: "89860012345600999999" };
    await using line = await open(stated(modem, { sim }));
    expect(await down(line, "other-sim")).toMatchObject({ device: { iccid: modem.identity.iccid } });
    await line[Symbol.asyncDispose]();
    await using own = await open(stated(modem, { sim: { ...sim, iccid: modem.identity.iccid } }));
    await up(own);
  });

  test("uses no other SIM than the first one, in a modem that stays the same, until a person registers it", async () => {
    const kept = new Map<string, string>();
    const sims: SimMemory = {
      load: async ({ number, owner }) => kept.get(`${number} ${owner}`),
      keep: async ({ number, owner }, iccid) => void kept.set(`${number} ${owner}`, iccid),
    };
    const first = await openScriptedModem({ folder, name: "swapped" });
    const { imei, number } = first.identity;
    const sim = { number, owner: "A hotel", purpose: "reception" };
    const own = stated(first, { sim, imei });
    const line = await open(own, { sims });
    await up(line);
    await first[Symbol.asyncDispose]();
    await down(line, "unplugged");
    await using second = await openScriptedModem({ folder, name: "swapped", identity: { imei } });
    const { iccid } = second.identity;
    expect(await down(line, "other-sim")).toMatchObject({ device: { imei, iccid } });
    expect(second.settings.get("+CLIP")).toBeUndefined();
    await line[Symbol.asyncDispose]();

    const restarted = await open(own, { sims });
    await down(restarted, "other-sim");
    await restarted[Symbol.asyncDispose]();
    for (const accepted of [{ ...own, sim: { ...sim, iccid } }, own, { ...own, sim: { ...sim, owner: "Another hotel" } }]) {
      await using again = await open(accepted, { sims });
      await up(again);
    }
    expect([...kept.values()]).toEqual([iccid, iccid]);
  });

  test("notices that the SIM is changed for another while the modem runs", async () => {
    await using modem = await openScriptedModem({ folder });
    await using line = await open(stated(modem));
    await up(line);
    const { iccid } = modem.identity;
    modem.handle("+QCCID", () => ({ lines: ["+QCCID: 89860012345699999990"] }));
    await down(line, "other-sim");
    await until(line, ({ state, device }) => state === "down" && device?.iccid === "89860012345699999990");
    modem.handle("+QCCID", () => ({ lines: [`+QCCID: ${iccid}`] }));
    await up(line);
  });

  test("notices that the SIM is taken out", async () => {
    await using modem = await openScriptedModem({ folder });
    await using line = await open(stated(modem));
    await up(line);
    modem.radio.sim = "absent";
    await down(line, "no-sim");
    modem.radio.sim = "READY";
    await up(line);
  });
});
