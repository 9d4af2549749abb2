import type { BoxHealth, CallWithMoments, Ticket, TicketWithHistory } from "@sitebox/core/contract";
import { centreOf } from "@sitebox/drivers/gsm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { Baresip } from "../peers/index.ts";
import { BOX, lineIs, ModemSite } from "./modem-site.ts";

/** The telephone at the desk, which rings when a person is wanted. */
const DUTY = "8001";

let site: ModemSite;
let desk: ApiClient;

beforeAll(async () => {
  site = await ModemSite.open({
    configure: (box) => ({
      ...box,
      // Nobody of the staff does the desk's work, as on a site whose desk is a page.
      site: { ...box.site, handOffExtensions: [DUTY], staff: [{ id: "li", name: "李师傅", skills: ["hvac"] }] },
      sip: { ...box.sip, extensions: [{ number: DUTY, password: `secret-of-${DUTY}`, displayName: DUTY }] },
    }),
  });
  desk = await site.world.login("box", "admin");
  await lineIs(desk, "up");
});

afterAll(async () => {
  await site[Symbol.asyncDispose]();
});

const alarms = async () => ((await desk.get("/api/health")) as BoxHealth).alarms ?? [];

test("a text that calls for help is answered first, an alarm at once, somebody's ticket, and said to the duty telephone", async () => {
  await using _duty = await Baresip.open({ account: site.world.extension(DUTY), autoAnswer: true });
  const others = Array.from({ length: 9 }, (_, i) => `1380013800${i}`);
  for (const number of others) centreOf(site.network).send(number, BOX, "你好");
  centreOf(site.network).send("13912345678", BOX, "着火了!806");
  const answer = await site.nextText("13912345678");
  const emergency = ({ priority }: Ticket) => priority === "P0";
  const ticket = ((await desk.get("/api/tickets")) as Ticket[]).find(emergency);
  expect(answer).toBe(
    `收到,紧急情况已登记,工单号 ${ticket?.number},正在通知值班人员。请同时拨打 119(火警)、120(急救)或 110(报警)。`,
  );
  expect(ticket).toMatchObject({ state: "assigned", staffName: "李师傅", place: "806", said: "着火了!806" });
  expect(await alarms()).toMatchObject([
    {
      code: `emergency/${ticket?.id}`,
      severity: "critical",
      kind: "emergency-at",
      about: { place: "806", ticket: ticket?.number },
    },
  ]);
  const told = await desk.until<TicketWithHistory>(`/api/tickets/${ticket?.id}`, ({ history }) =>
    history.some(({ type }) => type === "commented"),
  );
  expect(told.history.at(-1)).toMatchObject({ actor: "assistant", note: `已打电话告知 ${DUTY}` });
  const [call] = (await desk.get("/api/calls?limit=1")) as CallWithMoments[];
  expect(call).toMatchObject({ callerNumber: "13912345678", outcome: "extension", ticketIds: [ticket?.id] });
});

test("its alarm stays until somebody has accepted the ticket, and a greeting is no failed dispatch", async () => {
  const tickets = (await desk.get("/api/tickets")) as Ticket[];
  const ticket = tickets.find(({ priority }) => priority === "P0");
  expect(await alarms()).toHaveLength(1);
  await desk.post(`/api/tickets/${ticket?.id}/commands`, { action: "accept", commandId: "accept" });
  await desk.until<BoxHealth>("/api/health", (health) => health.alarms === undefined);
  const greeting = tickets.find(({ kind }) => kind === "message");
  const { history } = (await desk.get(`/api/tickets/${greeting?.id}`)) as TicketWithHistory;
  expect(history.map(({ type }) => type)).toEqual(["opened"]);
});
