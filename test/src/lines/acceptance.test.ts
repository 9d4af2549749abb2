import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CallWithMoments, OutsideLine, TextMessage } from "@sitebox/core/contract";
import { centreOf, openScriptedModem, type ScriptedModem, ScriptedNetwork } from "@sitebox/drivers/gsm/testing";
import { parseTranscript } from "@sitebox/drivers/transcript";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { repository } from "../environment.ts";
import { Mobile } from "../peers/index.ts";
import { World } from "../world.ts";

/** The steps of docs/hardware.md by which a device is qualified, as far as they are the box's. */

const BOX = "13900000001";

let folder: string;
let network: ScriptedNetwork;
let modem: ScriptedModem;
let world: World;
let desk: ApiClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-acceptance-"));
  network = new ScriptedNetwork();
  modem = await openScriptedModem({ folder, network, name: "modem", identity: { number: BOX } });
  world = await World.open({ headquarters: false });
  await world.startBox();
  desk = await world.login("box", "admin");
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await modem[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const lineIs = (state: OutsideLine["state"]) =>
  desk.until<OutsideLine[]>("/api/lines", (lines) => lines.some((line) => line.name === "mobile-1" && line.state === state));

/** Runs the command-line tool as an installer does. */
const sitebox = (...args: string[]) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(join(repository, "bin/sitebox"), args, (error, out, err) => resolve({ code: error?.code ?? 0, out, err }));
  });

const record = (file: string) =>
  sitebox("line", "record", "--config", join(world.folder, "box.json"), "--seconds", "3", "mobile-1", join(folder, file));

test("a device is set up on the desk, tried with a call and a text, and the desk has what went to and fro", async () => {
  const sim = { number: BOX, owner: "测试酒店", purpose: "前台电话" };
  const ports = { atPort: modem.atPath, audioPort: modem.audioPath };
  await desk.post("/api/line-configs", { kind: "gsm", name: "mobile-1", sim, ...ports, balanceHours: 0 });
  await lineIs("up");
  using phone = new Mobile(network, "13800138005", { answers: true });
  const { callId } = (await desk.post("/api/lines/mobile-1/test-call", { to: phone.number })) as { callId: string };
  await desk.until<CallWithMoments>(`/api/calls/${callId}`, ({ state }) => state === "ended");
  centreOf(network).send("13800138001", BOX, "806空调坏了");
  await desk.until<TextMessage[]>("/api/texts", (texts) => texts.some(({ text }) => text === "806空调坏了"));
  const { head, traffic } = parseTranscript(String(await desk.bytes("/api/lines/mobile-1/transcript")));
  const said = traffic.filter(({ direction }) => direction === "out").map(({ bytes }) => Buffer.from(bytes).toString("latin1"));
  expect(head).toMatchObject({ kind: "gsm", line: "mobile-1" });
  expect(said).toEqual(expect.arrayContaining(["ATD13800138005;\r", expect.stringContaining("AT+CMGR=")]));
});

test("a line that the box uses is not recorded beside it, and the tool says what to do", async () => {
  const { code, err } = await record("beside.jsonl");
  expect(code).toBe(1);
  expect(err).toContain("another program uses it");
  expect(err).toContain("switch the line off on the desk");
});

test("a line that is switched off on the desk is recorded while the box runs, and the record is played again", async () => {
  await desk.put("/api/lines/mobile-1/switch", { on: false });
  await lineIs("down");
  expect(await record("alone.jsonl")).toMatchObject({ code: 0, err: "" });
  const { code, out } = await sitebox("line", "replay", join(folder, "alone.jsonl"));
  expect([code, JSON.parse(out.trim().split("\n").at(-1) ?? "")]).toEqual([
    0,
    { replayed: expect.any(Number), of: expect.any(Number) },
  ]);
  await desk.put("/api/lines/mobile-1/switch", { on: true });
  await lineIs("up");
});
