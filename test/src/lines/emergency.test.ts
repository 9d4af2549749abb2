import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BoxHealth, CallWithMoments, OutsideLine, Ticket, TicketWithHistory } from "@sitebox/core/contract";
import { centreOf, openScriptedModem, type ScriptedModem, ScriptedNetwork } from "@sitebox/drivers/gsm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { Baresip } from "../peers/index.ts";
import { World } from "../world.ts";

const BOX = "13900000001";
/** The telephone at the desk, which rings when a person is wanted. */
const DUTY = "8001";

let folder: string;
let network: ScriptedNetwork;
let modem: ScriptedModem;
let world: World;
let desk: ApiClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-emergency-"));
  network = new ScriptedNetwork();
  modem = await openScriptedModem({ folder, network, name: "modem", identity: { number: BOX } });
  world = await World.open({
    headquarters: false,
    configure: (box) => ({
      ...box,
      // Nobody of the staff does the desk's work, as on a site whose desk is a page.
      site: {
        ...box.site,
        handOffExtensions: [DUTY],
        staff: [{ id: "li", name: "李师傅", skills: ["hvac"] }],
      },
      sip: { ...box.sip, extensions: [{ number: DUTY, password: `secret-of-${DUTY}`, displayName: DUTY }] },
      lines: {
        list: [
          {
            kind: "gsm",
            name: "mobile-1",
            sim: { number: BOX, owner: "测试酒店", purpose: "前台电话" },
            atPort: modem.atPath,
            audioPort: modem.audioPath,
            balanceHours: 0,
          },
        ],
      },
    }),
  });
  await world.startBox();
  desk = await world.login("box", "admin");
  await desk.until<OutsideLine[]>("/api/lines", (lines) =>
    lines.some(({ name, state }) => name === "mobile-1" && state === "up"),
  );
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await modem[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function nextText(number: string): Promise<string> {
  for await (const { text } of centreOf(network).telephone(number)) return text;
  throw new Error("the network is gone");
}

const alarms = async () => ((await desk.get("/api/health")) as BoxHealth).alarms ?? [];

test("a text that calls for help is answered first, an alarm at once, somebody's ticket, and said to the duty telephone", async () => {
  await using _duty = await Baresip.open({ account: world.extension(DUTY), autoAnswer: true });
  const others = Array.from({ length: 9 }, (_, i) => `1380013800${i}`);
  for (const number of others) centreOf(network).send(number, BOX, "你好");
  centreOf(network).send("13912345678", BOX, "着火了!806");
  const answer = await nextText("13912345678");
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
