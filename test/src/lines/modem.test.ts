import type { CallWithMoments, TextMessage, Ticket } from "@sitebox/core/contract";
import { centreOf } from "@sitebox/drivers/gsm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { converse, nextCall } from "../conversation.ts";
import { Mobile } from "../peers/index.ts";
import { BOX, lineIs, ModemSite } from "./modem-site.ts";

/** Two hundred characters, no part of which repeats. */
const LETTER = Array.from({ length: 200 }, (_, i) => String.fromCodePoint(0x4e00 + i * 7)).join("");

let site: ModemSite;
let desk: ApiClient;

beforeAll(async () => {
  site = await ModemSite.open({
    modems: [{ identity: { number: BOX }, misbehaviour: { splitLines: true, garbage: 0.1 } }],
    configure: (box) => ({ ...box, calls: { ...box.calls, incoming: [{ lines: ["mobile-1"], to: { type: "assistant" } }] } }),
  });
  desk = await site.world.login("box", "admin");
  await lineIs(desk, "up");
});

afterAll(async () => {
  await site[Symbol.asyncDispose]();
});

test("a text becomes a work order and is answered with its number", async () => {
  centreOf(site.network).send("13800138001", BOX, "806空调坏了");
  const answer = await site.nextText("13800138001");
  const tickets = (await desk.get("/api/tickets")) as Ticket[];
  const ticket = tickets.find(({ channel }) => channel === "sms");
  expect(ticket).toMatchObject({ kind: "repair", place: "806", item: "空调" });
  expect(answer).toContain(ticket?.number);
});

test("two hundred Chinese characters go both ways, in parts, and come whole", async () => {
  centreOf(site.network).send("13800138002", BOX, LETTER, { backwards: true, twice: true });
  const texts = await desk.until<TextMessage[]>("/api/texts", (now) => now.some(({ text }) => text === LETTER));
  expect(texts.filter(({ text, direction }) => text === LETTER && direction === "in")).toHaveLength(1);
  await desk.post("/api/texts", { to: "13800138003", text: LETTER });
  expect(await site.nextText("13800138003")).toBe(LETTER);
  await desk.until<TextMessage[]>("/api/texts", (now) =>
    now.some(({ text, direction, state }) => text === LETTER && direction === "out" && state === "delivered"),
  );
});

test("a call to the modem speaks with the assistant and ends in a work order", async () => {
  using guest = new Mobile(site.network, "13800138004");
  let over: Promise<number> | undefined;
  const callId = await nextCall(desk, async () => {
    over = guest.call(BOX);
  });
  await converse(desk, callId, guest, [
    { after: "ask-request", say: "八零六房间空调不制冷" },
    { after: "confirm-repair", say: "对" },
    { after: "ask-more", say: "没有了" },
  ]);
  const call = await desk.until<CallWithMoments>(`/api/calls/${callId}`, ({ state }) => state === "ended");
  expect(call).toMatchObject({ outcome: "ticket", callerNumber: "13800138004", channel: "phone" });
  expect(call.legs?.[0]).toMatchObject({ line: "mobile-1", direction: "in" });
  expect(await desk.get(`/api/tickets/${call.ticketIds[0]}`)).toMatchObject({ kind: "repair", place: "806", item: "空调" });
  // What the guest heard came through the modem: as much speech as the record says was said, but for the pauses in it.
  const saidMs = call.moments.reduce((sum, { data }) => sum + Number(data?.playedMs ?? 0), 0);
  expect(guest.heard.loudMs).toBeGreaterThan(saidMs * 0.5);
  expect(await over).toBe(16);
});

test("the desk tries the line with a call, and the one who answers hears a sentence", async () => {
  using phone = new Mobile(site.network, "13800138005", { answers: true });
  const { callId } = (await desk.post("/api/lines/mobile-1/test-call", { to: phone.number })) as { callId: string };
  const call = await desk.until<CallWithMoments>(`/api/calls/${callId}`, ({ state }) => state === "ended");
  expect(call.legs?.[0]).toMatchObject({ line: "mobile-1", direction: "out", cause: "normal" });
  // What came back from the far end is in the record: a modem whose sound is dead has nothing there.
  expect(call.legs?.[0]?.stats?.receivedPackets).toBeGreaterThan(50);
  expect(phone.heard.loudMs).toBeGreaterThan(500);
});

test("pulled out in mid-call the line says so, and is back with the next call when it is plugged in", async () => {
  using guest = new Mobile(site.network, "13800138006");
  const callId = await nextCall(desk, async () => void guest.call(BOX));
  await desk.until<CallWithMoments>(`/api/calls/${callId}`, ({ state }) => state === "assistant");
  await site.modem.unplug();
  await lineIs(desk, "down", "unplugged");
  await desk.until<CallWithMoments>(`/api/calls/${callId}`, ({ state }) => state === "ended");
  await site.modem.plug();
  await lineIs(desk, "up");
  centreOf(site.network).send("13800138007", BOX, "807马桶堵了");
  expect(await site.nextText("13800138007")).toMatch(/\d{4}/);
});

test("nobody's number, text or speech, and no device's or SIM's number, stands in the log of all that", async () => {
  const log = await site.world.log();
  const { imei, iccid, imsi } = site.modem.identity;
  const theirs = ["1380013800", "空调", "马桶", "八零六", LETTER.slice(0, 8)];
  expect([BOX, imei, iccid, imsi, ...theirs].filter((one) => log.includes(one))).toEqual([]);
  // It did go through the log, masked.
  expect(log).toContain("138****8004");
});
