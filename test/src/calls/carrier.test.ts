import type { CallWithMoments } from "@sitebox/core/contract";
import { freePort } from "@sitebox/core/testing";
import { type Kamailio, kamailio } from "@sitebox/drivers/sip/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { Baresip } from "../peers/index.ts";
import { World } from "../world.ts";

const OWN = "02588886666";
const OUTSIDE = "13800138000";
const tones = { inside: 427, outside: 605 } as const;
const all = Object.values(tones);

let carrier: Kamailio;
let world: World;
let desk: ApiClient;
let outsideAt: string;

beforeAll(async () => {
  outsideAt = `127.0.0.4:${await freePort("127.0.0.4")}`;
  carrier = await kamailio({ password: "carrier-secret", outside: outsideAt });
  const trunk = { host: carrier.host, port: carrier.port, kind: "register" as const, user: OWN, numbers: [OWN] };
  world = await World.open({
    headquarters: false,
    configure: (box) => ({
      ...box,
      sip: {
        ...box.sip,
        trunks: [
          { ...trunk, name: "forged", password: "guessed" },
          { ...trunk, name: "carrier", password: "carrier-secret" },
        ],
      },
      calls: {
        outgoing: [{ name: "mobile", dialled: "1[3-9][0-9]{9}", lines: ["forged", "carrier"] }],
        incoming: [{ lines: ["carrier"], to: { type: "number", number: "8002" } }],
        recording: { betweenPeople: "off" },
      },
    }),
  });
  await world.startBox();
  desk = await world.login("box", "admin");
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await carrier[Symbol.asyncDispose]();
});

type Lines = { name: string; state: string; reason?: string }[];
const lineIs = (name: string, state: string) =>
  desk.until<Lines>("/api/lines", (lines) => lines.find((line) => line.name === name)?.state === state);

test("an extension calls out by the carrier's line with digest, past a line whose password is wrong", async () => {
  await lineIs("carrier", "up");
  const lines = await lineIs("forged", "down");
  expect(lines.find(({ name }) => name === "forged")?.reason).toMatch(/password/);
  await using outside = await Baresip.open({ listen: outsideAt, tone: tones.outside, autoAnswer: true });
  await using inside = await Baresip.open({ account: world.extension("8001"), tone: tones.inside });
  await inside.dial(world.sip(OUTSIDE));
  await Promise.all([inside.ear.hearsOnly([tones.outside], all), outside.ear.hearsOnly([tones.inside], all)]);
  await inside.hangUp();
  const [newest] = await desk.until<CallWithMoments[]>("/api/calls?limit=1", ([call]) => call?.state === "ended");
  const { legs } = (await desk.get(`/api/calls/${newest?.id}`)) as CallWithMoments;
  expect(legs?.map(({ number, line }) => [number, line])).toEqual([
    ["8001", undefined],
    [OUTSIDE, "carrier"],
  ]);
  // The carrier sees a number that the line owns, and not the extension's.
  await outside.said(new RegExp(OWN));
});

test("a call from outside rings where the rule says", async () => {
  await lineIs("carrier", "up");
  await using outside = await Baresip.open({ listen: outsideAt, tone: tones.outside });
  await using inside = await Baresip.open({ account: world.extension("8002"), tone: tones.inside, autoAnswer: true });
  await outside.dial(`sip:${OWN}@${carrier.host}:${carrier.port}`);
  await Promise.all([inside.ear.hearsOnly([tones.outside], all), outside.ear.hearsOnly([tones.inside], all)]);
  await inside.hangUp();
  await desk.until<CallWithMoments[]>("/api/calls?limit=1", ([call]) => call?.state === "ended");
});
