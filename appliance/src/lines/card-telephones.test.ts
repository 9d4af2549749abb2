import { once } from "node:events";
import { CardLine } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { openCardLine } from "@sitebox/drivers/dahdi";
import { FxsChannel, SimulatedCard, SimulatedTelephone } from "@sitebox/drivers/dahdi/testing";
import { expect, test } from "vitest";
import { openCallPlan, planIssues } from "../calls/plan/index.ts";
import { fromExtension, planConfig } from "../calls/plan/testing/index.ts";
import { LineDialler, Lines } from "./index.ts";
import { openLinesSite } from "./testing/index.ts";

const unreachable = { type: "unreachable", reason: "not registered" } as const;

test("a telephone that is plugged into a card is an extension: others ring it by its number, and its calls are an extension's", async () => {
  const socket = new FxsChannel();
  const telephone = new SimulatedTelephone(socket);
  await using card = await SimulatedCard.open({ 3: socket }, { clock: systemClock });
  const config = {
    kind: "dahdi",
    name: "card",
    helperSocket: card.socketPath,
    ports: [{ type: "fxs", channel: 3, extension: "8005" }],
  };
  await using site = await openLinesSite({
    list: [config],
    open: async (line, deps) => openCardLine(CardLine.parse(line), { ...deps, clock: systemClock }),
  });
  const { registry, clock } = site;
  while (registry.lines()[0]?.state !== "up") await once(registry.events, "lineChanged");

  const plan = openCallPlan(planConfig({ extensions: { "8005": { followMe: ["8001"] } } }), {
    clock,
    lists: { verdictOn: () => undefined },
    switches: { of: () => ({ doNotDisturb: false, followMe: undefined }) },
    beside: { extensions: () => ["8005"], lines: ["card"] },
  });
  expect(plan.decide(fromExtension("8001", "8005")).action).toMatchObject({
    type: "ring",
    steps: [{ targets: [{ number: "8005" }] }, {}],
  });
  expect(plan.targetOf("8005", "8001")).toEqual({ type: "extension", number: "8005" });

  const dialler = new LineDialler({
    clock: systemClock,
    log: silentLog,
    extensions: { dial: async (number, options) => registry.telephone(number)?.dial(number, options) ?? unreachable },
    lines: new Lines([registry]),
    numbers: plan.numbers,
  });
  const dialling = dialler.dial(
    { type: "extension", number: "8005" },
    { signal: AbortSignal.timeout(20_000), callerNumber: "8001" },
  );
  await telephone.ringing();
  telephone.liftUp();
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(outcome.type);
  expect(outcome.leg).toMatchObject({ remote: "8005", line: undefined });
  expect(registry.left("card")).toMatchObject({ callsThisHour: 60 });
  await outcome.leg.hangup("normal");
  telephone.hangUp();
  expect(await dialler.dial({ type: "extension", number: "8006" }, { signal: AbortSignal.timeout(1_000) })).toEqual(unreachable);
});

test("a telephone is added only where the dial plan has its number free, and stays while the dial plan names it", async () => {
  const plan = planConfig({ groups: [{ number: "600", name: "前台", members: ["8001", "8005"] }] });
  const card = (name: string, channel: number, extension: string) =>
    CardLine.parse({ kind: "dahdi", name, ports: [{ type: "fxs", channel, extension }] });
  await using site = await openLinesSite({
    planIssues: (telephones, lines) => planIssues(plan, { lines, extensions: () => telephones }),
  });
  const { registry, configs } = site;
  await registry.add(card("card", 1, "8005"));
  expect(configs.telephones()).toEqual([{ number: "8005", line: "card" }]);
  for (const [taken, by] of [
    ["600", "calls.groups[0].number"],
    ["8002", "sip.extensions[1].number"],
  ] as const)
    await expect(registry.add(card("other", 2, taken))).rejects.toMatchObject({
      fault: "invalid",
      message: expect.stringContaining(by),
    });
  await expect(registry.change("card", card("card", 1, "8006"))).rejects.toMatchObject({
    fault: "invalid",
    code: "line-unfit",
    issues: [{ path: "ports", code: "plan-unfit", about: { path: "calls.groups[0].members[1]" } }],
  });
  await expect(registry.remove("card")).rejects.toMatchObject({
    fault: "conflict",
    message: expect.stringContaining("calls.groups[0].members[1]"),
  });
  expect(configs.telephones()).toHaveLength(1);
});

test("a file that takes the number of a telephone that was added on a page wins: the telephone's card is down and says why, the dial plan fits", async () => {
  const card = CardLine.parse({
    kind: "dahdi",
    name: "card",
    ports: [
      { type: "fxs", channel: 1, extension: "8005" },
      { type: "fxs", channel: 2, extension: "8006" },
    ],
  });
  let dataDir: string;
  {
    await using site = await openLinesSite({ keep: true });
    dataDir = site.dataDir;
    await site.registry.add(card);
  }
  // The front desk's group has the number of one telephone now, and the other one as its member.
  const edited = planConfig({ groups: [{ number: "8005", name: "前台", members: ["8001", "8006"] }] });
  await using site = await openLinesSite({
    dataDir,
    planIssues: (telephones, lines) => planIssues(edited, { lines, extensions: () => telephones }),
  });
  expect(site.registry.lines()).toMatchObject([
    { name: "card", state: "down", fault: "failed", reason: expect.stringContaining("calls.groups[0].number") },
  ]);
  expect(site.registry.lines()[0]?.reason).toContain("8005");
  expect(site.configs.telephones()).toEqual([{ number: "8006", line: "card" }]);
  const extensions = () => site.configs.telephones().map(({ number }) => number);
  expect(planIssues(edited, { lines: site.configs.names(), extensions })).toEqual([]);
  expect(site.registry.telephone("8006")).toBeUndefined();
  // The desk gives the telephone another number, and all of it works again.
  await site.registry.change("card", { ...card, ports: [{ ...card.ports[0], extension: "8007" }, card.ports[1]] });
  await site.clock.advance(0);
  expect(site.registry.lines()).toMatchObject([{ name: "card", state: "up" }]);
  expect(extensions()).toEqual(["8007", "8006"]);
});

test("a file that takes the extension of such a telephone for a telephone with a login wins too", async () => {
  let dataDir: string;
  {
    await using site = await openLinesSite({ keep: true });
    dataDir = site.dataDir;
    await site.registry.add(
      CardLine.parse({ kind: "dahdi", name: "card", ports: [{ type: "fxs", channel: 1, extension: "8005" }] }),
    );
  }
  await using site = await openLinesSite({ dataDir, extensions: [{ number: "8005", password: "8005-secret" }] });
  expect(site.registry.lines()).toMatchObject([{ name: "card", state: "down", reason: "8005 is another telephone's extension" }]);
  expect(site.configs.telephones()).toEqual([]);
});
