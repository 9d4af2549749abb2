import type { Call, CallWithMoments, FleetTicketWithHistory, TicketWithHistory } from "@sitebox/core/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "./api-client.ts";
import { converse, nextCall, pressThrough, prompts } from "./conversation.ts";
import { Baresip, Browser, giveMouth, logIn } from "./peers/index.ts";
import { keepKilling } from "./processes.ts";
import { World } from "./world.ts";

const repair = [
  { after: "ask-request", say: "八零六房间空调不制冷" },
  { after: "confirm-repair", say: "对" },
  { after: "ask-more", say: "没有了" },
];
const wanted = { kind: "repair", place: "806", item: "空调", fault: "不制冷" };

let world: World;
let desk: ApiClient;

beforeAll(async () => {
  world = await World.open();
  await world.startBox();
  await world.enrol();
  desk = await world.login("box", "agent");
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const ended = (callId: string) => desk.until<CallWithMoments>(`/api/calls/${callId}`, ({ state }) => state === "ended");

async function ticketOf(call: Call): Promise<TicketWithHistory> {
  expect(call.outcome).toBe("ticket");
  return (await desk.get(`/api/tickets/${call.ticketIds[0]}`)) as TicketWithHistory;
}

/** A person at the field page accepts, starts and finishes the work order. */
async function workOff(ticket: TicketWithHistory): Promise<void> {
  const staff = ticket.staff ?? "";
  const password = await world.password("box", staff);
  await using browser = await Browser.open({ mobile: true });
  const page = await browser.page(`${world.box.ready.url}/field/`);
  await logIn(page, staff, password);
  await page.locator(`[data-testid=ticket-row][data-number="${ticket.number}"]`).click();
  for (const state of ["accepted", "in-progress", "done"]) {
    await page.locator(`[data-testid=ticket-next]:enabled`).click();
    if (state === "done") await page.getByTestId("note-submit").click();
    await desk.until<TicketWithHistory>(`/api/tickets/${ticket.id}`, (now) => now.state === state);
  }
}

/** Headquarters shows every change of the work order exactly once and in order. */
async function expectSeenAtHeadquarters(ticketId: string): Promise<void> {
  const local = (await desk.get(`/api/tickets/${ticketId}`)) as TicketWithHistory;
  const operator = await world.login("hq", "admin");
  const seen = await operator.until<FleetTicketWithHistory>(
    `/api/boxes/hotel-1/tickets/${ticketId}`,
    ({ history }) => history.length >= local.history.length,
  );
  const facts = ({ history }: TicketWithHistory) => history.map(({ rev, type, state, at }) => ({ rev, type, state, at }));
  expect(facts(seen)).toEqual(facts(local));
  expect(local.history.map(({ rev }) => rev)).toEqual(local.history.map((_, i) => i + 1));
  // Personal data stays on the site.
  expect(JSON.stringify(seen)).not.toContain("13800138000");
}

async function callByTelephone(): Promise<CallWithMoments> {
  await using guest = await Baresip.open();
  const callId = await nextCall(desk, () => guest.dial(world.sip("8000")));
  await converse(desk, callId, guest, repair);
  return ended(callId);
}

test("a guest's call becomes a work order that a repairman finishes and headquarters sees", async () => {
  const call = await callByTelephone();
  const ticket = await ticketOf(call);
  expect(ticket).toMatchObject(wanted);
  const spoken = call.moments.find(({ data }) => data?.prompt === "ticket-opened");
  expect(spoken?.data).toMatchObject({ number: ticket.number, stopped: false });
  const recording = await desk.bytes(`/api/calls/${call.id}/recording`);
  expect(recording.subarray(0, 4).toString()).toBe("RIFF");
  await workOff(ticket);
  await expectSeenAtHeadquarters(ticket.id);
});

test("the same with headquarters gone from before the call until after the work", async () => {
  await world.headquarters.stop();
  const ticket = await ticketOf(await callByTelephone());
  expect(ticket).toMatchObject(wanted);
  await workOff(ticket);
  await world.startHeadquarters();
  await expectSeenAtHeadquarters(ticket.id);
});

test("a box that loses its power right after the number was spoken has kept the work order", async () => {
  await using guest = await Baresip.open();
  const callId = await nextCall(desk, () => guest.dial(world.sip("8000")));
  await converse(desk, callId, guest, repair.slice(0, 2));
  const call = await desk.until<CallWithMoments>(`/api/calls/${callId}`, (now) => prompts(now).includes("ticket-opened"));
  await world.box.kill();
  await world.startBox();
  desk = await world.login("box", "agent");
  const after = await ended(callId);
  expect(after.outcome).toBe("ticket");
  const ticket = await ticketOf(after);
  expect(ticket).toMatchObject({ ...wanted, number: call.moments.find(({ type }) => type === "ticket")?.text });
  const recording = await desk.bytes(`/api/calls/${callId}/recording`);
  expect(recording.length).toBeGreaterThan(100_000);
  await workOff(ticket);
  await expectSeenAtHeadquarters(ticket.id);
});

test("a visitor's call from the browser becomes the same work order", async () => {
  await using browser = await Browser.open({ mobile: true });
  const page = await browser.page("about:blank");
  const visitor = await giveMouth(page);
  await page.goto(`${world.box.ready.url}/visitor/`);
  const callId = await nextCall(desk, () => page.getByTestId("visitor-call").click());
  await converse(desk, callId, visitor, repair);
  const call = await ended(callId);
  expect(call.channel).toBe("web-call");
  const ticket = await ticketOf(call);
  expect(ticket).toMatchObject({ ...wanted, channel: "web-call" });
  await expectSeenAtHeadquarters(ticket.id);
});

test("when the recogniser keeps dying in mid-call the caller goes on by keypad and gets a work order", async () => {
  await using guest = await Baresip.open();
  const callId = await nextCall(desk, () => guest.dial(world.sip("8000")));
  await desk.until<CallWithMoments>(`/api/calls/${callId}`, (now) => prompts(now).includes("notice"));
  await using _ = keepKilling(world.box.pid, "sitebox-pocketsphinx");
  await pressThrough(desk, callId, guest, {
    "ask-request-keys": "1",
    option: "1",
    "ask-room-keys": "806#",
    "confirm-keys": "1",
    "ask-more-keys": "#",
  });
  const call = await ended(callId);
  expect(call.moments.filter(({ type }) => type === "fault")).not.toEqual([]);
  expect(await ticketOf(call)).toMatchObject({ kind: "repair", place: "806", item: "空调", fault: "不制冷" });
});
