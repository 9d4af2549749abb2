import { execFile } from "node:child_process";
import { join } from "node:path";
import type { CallWithMoments, TextMessage } from "@sitebox/core/contract";
import { centreOf } from "@sitebox/drivers/gsm/testing";
import { parseTranscript } from "@sitebox/drivers/transcript";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { repository } from "../environment.ts";
import { Mobile } from "../peers/index.ts";
import { BOX, lineIs, lineOver, ModemSite } from "./modem-site.ts";

/** The steps of docs/hardware.md by which a device is qualified, as far as they are the box's. */

let site: ModemSite;
let desk: ApiClient;

beforeAll(async () => {
  site = await ModemSite.open({ inFile: false });
  desk = await site.world.login("box", "admin");
});

afterAll(async () => {
  await site[Symbol.asyncDispose]();
});

/** Runs the command-line tool as an installer does. */
const sitebox = (...args: string[]) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(join(repository, "bin/sitebox"), args, (error, out, err) => resolve({ code: error?.code ?? 0, out, err }));
  });

const record = (file: string) =>
  sitebox(
    "line",
    "record",
    "--config",
    join(site.world.folder, "box.json"),
    "--seconds",
    "3",
    "mobile-1",
    join(site.folder, file),
  );

test("a device is set up on the desk, tried with a call and a text, and the desk has what went to and fro", async () => {
  await desk.post("/api/line-configs", lineOver(site.modem));
  await lineIs(desk, "up");
  using phone = new Mobile(site.network, "13800138005", { answers: true });
  const { callId } = (await desk.post("/api/lines/mobile-1/test-call", { to: phone.number })) as { callId: string };
  await desk.until<CallWithMoments>(`/api/calls/${callId}`, ({ state }) => state === "ended");
  centreOf(site.network).send("13800138001", BOX, "806空调坏了");
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
  await lineIs(desk, "down");
  expect(await record("alone.jsonl")).toMatchObject({ code: 0, err: "" });
  const { code, out } = await sitebox("line", "replay", join(site.folder, "alone.jsonl"));
  expect([code, JSON.parse(out.trim().split("\n").at(-1) ?? "")]).toEqual([
    0,
    { replayed: expect.any(Number), of: expect.any(Number) },
  ]);
  await desk.put("/api/lines/mobile-1/switch", { on: true });
  await lineIs(desk, "up");
});
