import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { systemClock } from "@sitebox/core/kernel";
import { freePort } from "@sitebox/core/testing";
import { FxoChannel, SimulatedCard, SimulatedExchange } from "@sitebox/drivers/dahdi/testing";
import { DinstarDevice, FarNetwork, GoipDevice, goipId, simulatedPort, YeastarDevice } from "@sitebox/drivers/gateway/testing";
import { centreOf, openScriptedModem, type ScriptedModem, ScriptedNetwork } from "@sitebox/drivers/gsm/testing";
import { parseTranscript } from "@sitebox/drivers/transcript";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runSitebox } from "./sitebox.ts";

let folder: string;
let modem: ScriptedModem;
let config: string;
let transcript: string;

async function run(...args: string[]): Promise<{ code: number; facts: Record<string, unknown>[]; err: string }> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await runSitebox(args, { stdin: Readable.from([]), stdout, stderr });
  const facts = String(stdout.read() ?? "")
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Record<string, unknown>]));
  return { code, facts, err: String(stderr.read() ?? "") };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-line-"));
  const network = new ScriptedNetwork();
  // Its SIM wants the line's PIN, and what it is told comes back in pieces.
  const radio = { sim: "SIM PIN", pin: "4711" } as const;
  const misbehaviour = { splitLines: true, echoStays: true };
  modem = await openScriptedModem({ folder, network, identity: { number: "13900000001" }, radio, misbehaviour });
  config = join(folder, "box.json");
  const sim = { number: "13900000001", owner: "测试酒店", purpose: "前台电话" };
  const line = { kind: "gsm", name: "mobile-1", sim, pin: "4711", atPort: modem.atPath, audioPort: modem.audioPath };
  const carrier = { kind: "sip", name: "carrier", host: "127.0.0.1" };
  await writeFile(config, JSON.stringify({ site: { name: "测试酒店" }, dataDir: folder, lines: { list: [line, carrier] } }));
  transcript = join(folder, "mobile-1.jsonl");
  centreOf(network).send("13800138000", "13900000001", "806空调坏了");
  const recorded = await run("line", "record", "--config", config, "--seconds", "3", "mobile-1", transcript);
  expect(recorded).toMatchObject({ code: 0, err: "" });
  expect(recorded.facts).toContainEqual({ text: "138****8000", characters: 7 });
});

afterAll(async () => {
  await modem[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("a transcript is its owner's alone and keeps the line's secrets to itself", async () => {
  const text = await readFile(transcript, "utf8");
  expect((await stat(transcript)).mode & 0o777).toBe(0o600);
  expect(text.split("\n")[0]).toContain('"transcript":1');
  expect(text).toContain("AT+CSQ");
  expect(text).toContain("AT+CPIN=***");
  expect(text).not.toContain("4711");
  const heard = parseTranscript(text).traffic.filter(({ direction }) => direction === "in");
  const said = Buffer.concat(heard.map(({ bytes }) => bytes)).toString("latin1");
  expect(said).toContain("AT+CPIN=***\r");
  expect(said).not.toContain("4711");
});

test("played again, without the modem, the driver comes to the same", async () => {
  const { code, facts } = await run("line", "replay", transcript);
  const last = facts.at(-1);
  expect(code).toBe(0);
  expect(last).toEqual({ replayed: last?.of, of: last?.of });
  expect(facts).toContainEqual(expect.objectContaining({ state: "up", radio: expect.objectContaining({ bars: 5 }) }));
  expect(facts).toContainEqual(expect.objectContaining({ text: "138****8000", characters: 7 }));
});

test("a line that is never up while it is recorded ends with 1 and says why, and leaves no empty transcript", async () => {
  const { sim } = (JSON.parse(await readFile(config, "utf8")) as { lines: { list: { sim: object }[] } }).lines.list[0] ?? {};
  const file = join(folder, "gone.json");
  const line = { kind: "gsm", name: "gone", sim, atPort: join(folder, "no-such-port") };
  await writeFile(file, JSON.stringify({ site: { name: "测试酒店" }, dataDir: folder, lines: { list: [line] } }));
  const recording = join(folder, "gone.jsonl");
  const { code, err, facts } = await run("line", "record", "--config", file, "--seconds", "0.5", "gone", recording);
  expect(code).toBe(1);
  expect(err).toContain("gone was not up at any time: down / unplugged");
  expect(err).toContain("switch the line off on the desk or stop the box");
  expect(facts.at(-1)).toMatchObject({ state: "down" });
  await expect(stat(recording)).rejects.toThrow();
});

test("a transcript without traffic is not played", async () => {
  const empty = join(folder, "empty.jsonl");
  await writeFile(empty, `${(await readFile(transcript, "utf8")).split("\n")[0]}\n`);
  const { code, err, facts } = await run("line", "replay", empty);
  expect([code, facts]).toEqual([1, []]);
  expect(err).toContain("holds no traffic");
});

test("where the driver would say something else, it is told where", async () => {
  const other = join(folder, "other.jsonl");
  await writeFile(other, (await readFile(transcript, "utf8")).replace("AT+CMEE=1", "AT+CMEE=2"));
  const { code, facts } = await run("line", "replay", other);
  expect(code).toBe(1);
  expect(facts.at(-1)).toMatchObject({ departure: { port: "at", expected: expect.stringContaining("2") } });
});

const simulated = { network: new FarNetwork(), ports: [simulatedPort(1)], password: "secret-of-the-gateway" };

test.for([
  ["dinstar", () => DinstarDevice.open(simulated), true],
  // Tells a text once, to who is there.
  ["yeastar", () => YeastarDevice.open(simulated), false],
  ["goip", (serverPort: number) => GoipDevice.open({ ...simulated, serverPort }), true],
] as const)("what went between the box and a %s is played again without it", async ([maker, open, keepsTexts]) => {
  const udpPort = await freePort("0.0.0.0");
  const file = join(folder, `${maker}.json`);
  const recording = join(folder, `${maker}.jsonl`);
  {
    await using device = await open(udpPort);
    const port = "managementPort" in device ? device.managementPort : udpPort;
    const management = { port, password: simulated.password, pollSeconds: 1 };
    const sim = { number: "13800000001", owner: "测试酒店", purpose: "前台电话" };
    const ports = [{ port: 1, id: goipId(1), sim }];
    const line = { kind: "gateway", name: "gateway", maker, host: "127.0.0.1", management, ports };
    await writeFile(file, JSON.stringify({ site: { name: "测试酒店" }, dataDir: folder, lines: { list: [line] } }));
    if (keepsTexts) await device.comeIn({ port: 1, from: "13800138000", text: "806空调坏了" });
    expect(await run("line", "record", "--config", file, "--seconds", "2", "gateway", recording)).toMatchObject({
      code: 0,
      err: "",
    });
  }
  expect(await readFile(recording, "utf8")).not.toContain(simulated.password);
  const { code, facts } = await run("line", "replay", recording);
  const last = facts.at(-1);
  expect([code, last]).toEqual([0, { replayed: last?.of, of: last?.of }]);
  const seen = facts.map(({ ms: _, ...fact }) => fact);
  const radio = expect.objectContaining({ bars: expect.any(Number) });
  expect(seen).toContainEqual(expect.objectContaining({ ports: [{ port: 1, state: "idle", radio }] }));
  if (keepsTexts) expect(seen).toContainEqual({ text: "138****8000", characters: 7 });
});

test.for([
  ["is not in the transcript", [], ["helper"]],
  ["is with --sound", ["--sound"], ["helper", "audio"]],
] as const)("the sound of a telephony card %s, which is played again either way", async ([name, options, ports]) => {
  const file = join(folder, `card ${name}.json`);
  const recording = join(folder, `card ${name}.jsonl`);
  {
    using exchange = new SimulatedExchange(systemClock);
    await using card = await SimulatedCard.open({ 1: new FxoChannel(exchange.line("8001")) }, { clock: systemClock });
    const owner = { number: "8001", owner: "测试酒店", purpose: "前台电话" };
    const line = {
      kind: "dahdi",
      name: "card",
      helperSocket: card.socketPath,
      ports: [{ type: "fxo", channel: 1, line: owner }],
    };
    await writeFile(file, JSON.stringify({ site: { name: "测试酒店" }, dataDir: folder, lines: { list: [line] } }));
    const recorded = await run("line", "record", "--config", file, "--seconds", "2", ...options, "card", recording);
    expect(recorded).toMatchObject({ code: 0, err: "" });
  }
  const { traffic } = parseTranscript(await readFile(recording, "utf8"));
  expect(new Set(traffic.map(({ port }) => port))).toEqual(new Set(ports));
  const { code, facts } = await run("line", "replay", recording);
  expect([code, facts.at(-1)]).toEqual([0, { replayed: traffic.length, of: traffic.length }]);
  expect(facts).toContainEqual(expect.objectContaining({ state: "up" }));
});

test.for([
  [["line"], 2, "usage: sitebox line record"],
  [["line", "record", "mobile-1", "x"], 2, "usage: sitebox line record"],
  [["line", "record", "--config", "CONFIG", "nobody", "x"], 1, "no line called nobody"],
  [["line", "record", "--config", "CONFIG", "carrier", "x"], 1, "carrier is a carrier"],
  [["line", "record", "--config", "CONFIG", "mobile-1", "TRANSCRIPT"], 2, "cannot be written"],
  [["line", "replay", "CONFIG"], 1, "line 1 is not the head of a transcript"],
  [["line", "replay", "/nowhere"], 1, "cannot be read"],
] as const)("%s ends with %i and says why", async ([args, code, why]) => {
  const stated = args.map((arg) => (arg === "CONFIG" ? config : arg === "TRANSCRIPT" ? transcript : arg));
  const ended = await run(...stated);
  expect(ended.code).toBe(code);
  expect(ended.err).toContain(why);
});
