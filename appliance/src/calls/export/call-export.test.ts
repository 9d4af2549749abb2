import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { openBoxDatabase } from "../../db/index.ts";
import { CallStore } from "../call-store.ts";
import { CallExport } from "./call-export.ts";

const NOON = Date.parse("2026-03-02T12:00:00+08:00");

async function exported(query: { personal: boolean; language: "zh-CN" | "en" }) {
  await using db = await openBoxDatabase(await mkdtemp(join(tmpdir(), "sitebox-export-")));
  const store = new CallStore({ db, clock: { ...systemClock, now: () => NOON }, log: silentLog, syncPersonalData: false });
  const { id } = await store.begin({ channel: "phone", callerNumber: "13800138000", dialled: "8001" });
  await store.saveLeg(id, {
    id: "leg-1",
    number: "=1+1",
    direction: "in",
    line: "carrier",
    startedAt: NOON,
    answeredAt: NOON + 2_000,
    endedAt: NOON + 62_400,
    cause: "normal",
    codec: "PCMA",
    secure: true,
    stats: { receivedPackets: 2_985, sentPackets: 3_000, lostPackets: 15, jitterMs: 4.2, mos: 4.31 },
  });
  await store.saveLeg(id, { id: "leg-2", number: "13800138000", direction: "out", startedAt: NOON + 1, cause: "busy" });
  await store.end(id, "extension");
  const bytes = await new CallExport({ db, timeZone: "Asia/Shanghai" }).csv(query);
  return {
    bytes,
    rows: new TextDecoder()
      .decode(bytes)
      .split("\r\n")
      .map((row) => row.split(",").slice(1)),
  };
}

test("records are a table that a spreadsheet opens, in the site's time and without what runs as a formula", async () => {
  const { bytes, rows } = await exported({ personal: true, language: "en" });
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(rows[1]?.join(",")).toBe(
    "phone,in,carrier,'=1+1,8001,2026-03-02 12:00:00,2026-03-02 12:00:02,2026-03-02 12:01:02,60,normal,extension,0,PCMA,yes,4.3,0.5,4",
  );
  expect(rows[2]?.slice(0, 4)).toEqual(["phone", "out", "", "13800138000"]);
});

test("numbers are masked where nobody asks for them", async () => {
  const { rows } = await exported({ personal: false, language: "zh-CN" });
  expect(rows[0]?.slice(0, 4)).toEqual(["来源", "方向", "线路", "号码"]);
  expect(rows[2]?.[3]).not.toContain("0013800");
  expect(rows[2]?.[4]).toBe("8001");
});
