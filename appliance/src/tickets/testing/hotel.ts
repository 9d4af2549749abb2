import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SiteConfig, type TicketDraft } from "@sitebox/core/contract";
import { type Log, type LogFields, silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { openBoxDatabase } from "../../db/index.ts";
import { openTickets } from "../index.ts";

/** A small hotel: two floors, three people. */
export const hotel = (staff?: object[]) =>
  SiteConfig.parse({
    name: "示范酒店",
    code: "8",
    zones: [
      { id: "f7", name: "七楼", rooms: ["701-720"] },
      { id: "f8", name: "八楼", rooms: ["801-820"] },
    ],
    items: [{ name: "空调", synonyms: ["冷气"], skill: "hvac", faults: [{ name: "不制冷" }] }],
    deliveries: [{ name: "毛巾" }],
    staff: staff ?? [
      { id: "li", name: "李师傅", skills: ["hvac"], zones: ["f8"] },
      { id: "wang", name: "王师傅", skills: ["hvac"] },
      { id: "zhao", name: "赵姐", skills: ["housekeeping"] },
    ],
  });

export const coldAir: TicketDraft = {
  kind: "repair",
  intent: "hotel.repair",
  place: "806",
  item: "空调",
  fault: "不制冷",
  summary: "806 空调不制冷",
  channel: "phone",
  callerNumber: "13812345678",
};

export const newDataDir = () => mkdtemp(join(tmpdir(), "sitebox-tickets-"));

/** Real work orders in a real database file. */
export async function openHotel(options: { dataDir?: string; site?: SiteConfig; syncPersonalData?: boolean } = {}) {
  const dataDir = options.dataDir ?? (await newDataDir());
  const db = await openBoxDatabase(dataDir);
  const clock = new VirtualClock(Date.parse("2026-11-21T10:00:00+08:00"));
  const logged: { message: string; fields: LogFields | undefined }[] = [];
  const log: Log = { ...silentLog, child: () => log, warn: (message, fields) => void logged.push({ message, fields }) };
  const tickets = await openTickets({
    db,
    clock,
    log,
    dataDir,
    site: options.site ?? hotel(),
    syncPersonalData: options.syncPersonalData ?? false,
  });
  return { db, clock, dataDir, tickets, logged, [Symbol.asyncDispose]: () => db[Symbol.asyncDispose]() };
}
