import { LineConfig } from "@sitebox/core/contract";
import { expect, test } from "vitest";
import { checkLines, lineIssues } from "./check.ts";
import { bareNumber } from "./numbers.ts";
import { modem, openLinesSite } from "./testing/index.ts";

const SIM = "13900000001";
const owner = { owner: "示范酒店", purpose: "报修" };
const carrier = (name: string, numbers: readonly string[]) =>
  LineConfig.parse({ kind: "sip", name, host: "sip.example", numbers });
const wire = (name: string, number: string) =>
  LineConfig.parse({ kind: "dahdi", name, ports: [{ type: "fxo", channel: 1, line: { number, ...owner } }] });
const sim = (name: string, number: string) => modem(name, { sim: { number, ...owner } });

test("an owner or a purpose of blanks is none, and the blanks around one are not kept", () => {
  for (const blank of [{ owner: " " }, { owner: "\u3000" }, { purpose: "\t" }])
    expect(() => modem("lobby", { sim: { number: SIM, ...owner, ...blank } })).toThrow(/too_small/);
  expect(modem("lobby", { sim: { number: SIM, owner: " 示范酒店 ", purpose: "报修\n" } }).sim).toMatchObject(owner);
});

test.for([
  [SIM, "+8613900000001", "008613900000001", "8613900000001"],
  ["057188880000", "+8657188880000", "57188880000", "0571-8888 0000"],
  ["+85291234567", "0085291234567"],
] as const)("%s is one number in every spelling", ([number, ...others]) => {
  expect(others.map(bareNumber)).toEqual(others.map(() => bareNumber(number)));
});

test("one number belongs to one line, however it is written and whatever carries it", async () => {
  await using site = await openLinesSite({
    list: [sim("lobby", SIM)],
    trunks: [
      { name: "carrier-1", host: "a.example", numbers: ["057188880000"] },
      { name: "carrier-2", host: "b.example", numbers: ["057188880000"] },
    ],
  });
  const taken = (path: string, line: string) => ({ fault: "invalid", issues: [{ path, code: "device-taken", about: { line } }] });
  const { registry } = site;
  await expect(registry.add(sim("other", `+86${SIM}`))).rejects.toMatchObject(taken("sim.number", "lobby"));
  await expect(registry.add(carrier("pbx", ["80001234", SIM]))).rejects.toMatchObject(taken("numbers.1", "lobby"));
  await expect(registry.add(wire("card", "+8657188880000"))).rejects.toMatchObject(taken("ports.0.line.number", "carrier-2"));
  await registry.add(carrier("pbx", ["+86 571 8777 0000", "057187770000", "8000"]));
  await expect(registry.add(carrier("pbx-2", ["057187770000"]))).rejects.toMatchObject(taken("numbers.0", "pbx"));
  // What is known inside of an exchange only is another number at another exchange.
  await registry.add(carrier("pbx-2", ["8000"]));
  await registry.change("pbx", carrier("pbx", ["057187770000"]));
});

test("the file's numbers are compared in every spelling, too", () => {
  const config = (list: readonly LineConfig[]) => ({
    sip: { trunks: [], extensions: [] },
    lines: { list, mostSims: 4 },
  });
  const both = config([sim("lobby", SIM), carrier("pbx", [`+86${SIM}`])]) as unknown as Parameters<typeof checkLines>[0];
  expect(() => checkLines(both)).toThrow(/lines\.list\[1\]\.numbers\.0: number 13900000001 belongs to the line “lobby”/);
});

test("emergency and service numbers are nobody's own", async () => {
  await using site = await openLinesSite();
  const { registry } = site;
  const refused = (path: string, number: string) => ({ issues: [{ path, code: "service-number", about: { number } }] });
  for (const number of ["110", "119", "+86110", "10086", "12306", "95588", "106912345678", "1234"])
    await expect(registry.add(sim("lobby", number))).rejects.toMatchObject(refused("sim.number", number));
  for (const number of ["110", "120", "10010", "95588"])
    await expect(registry.add(wire("card", number))).rejects.toMatchObject(refused("ports.0.line.number", number));
  await expect(registry.add(carrier("pbx", ["95588", "110"]))).rejects.toMatchObject(refused("numbers.1", "110"));
  // A bank's own line, an exchange's extension, a SIM in a machine.
  const fine = [carrier("pbx", ["95588"]), wire("card", "1001"), sim("lobby", "1064812345678"), sim("attic", "17012345678")];
  const config = { sip: { trunks: [], extensions: [] }, lines: { list: [], mostSims: 4 } };
  for (const line of fine) expect(lineIssues(line, [], config as unknown as Parameters<typeof lineIssues>[2])).toEqual([]);
});
