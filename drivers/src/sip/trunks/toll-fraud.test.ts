import { expect, test } from "vitest";
import type { Leg } from "../../line/index.ts";
import { type Sending, WirePeer } from "../testing/index.ts";
import { next, openBox } from "./rig.testing.ts";

/** Comes from 127.0.0.1, as the line's far end does. */
const line = { name: "carrier", host: "127.0.0.1", port: 9, transport: "tcp", numbers: ["02161230001"] } as const;
const extensions = [{ number: "8001", password: "secret" }];
const OUTSIDE = "0013800138000";

/** What the box answers an INVITE with, and the calls that came in. */
async function tried(
  sending: (port: number) => Sending,
  trunk: { readonly host?: string; readonly numbers?: string[]; readonly allowFrom?: string[] } = {},
) {
  const legs: Leg[] = [];
  let collecting: Promise<void>;
  const statuses: number[] = [];
  {
    await using box = await openBox({ trunks: [{ ...line, numbers: [...line.numbers], ...trunk }], extensions });
    await using carrier = await WirePeer.open(box.address.udpPort);
    collecting = (async () => {
      for await (const leg of box.incoming) legs.push(leg);
    })();
    await carrier.invite({ callId: "trick", ...sending(box.address.udpPort) });
    for (let status = 100; status < 180; ) {
      const message = await carrier.next();
      if (message.type !== "response" || message.callId !== "trick") continue;
      status = message.status;
      statuses.push(status);
    }
  }
  await collecting;
  return { status: statuses.at(-1), legs };
}

const outside =
  (more: Sending = {}) =>
  (port: number): Sending => ({ uri: `sip:${OUTSIDE}@127.0.0.1:${port}`, ...more });

test.each([
  ["as it is", outside()],
  ["with an extension in From", outside({ from: "<sip:8001@box.example>;tag=x" })],
  ["with the box's own name in From", outside({ from: "<sip:sitebox@127.0.0.1>;tag=x" })],
  ["with a number of the line in From", outside({ from: "<sip:02161230001@box.example>;tag=x" })],
  [
    "with an extension asserted",
    outside({ headers: ["P-Asserted-Identity: <sip:8001@127.0.0.1>", "P-Preferred-Identity: <sip:8001@127.0.0.1>"] }),
  ],
  ["with an extension's Contact", outside({ headers: ["Contact: <sip:8001@127.0.0.1:5060>"] })],
  ["with a Route through us", outside({ headers: ["Route: <sip:127.0.0.1;lr>, <sip:carrier.example;lr>"] })],
  ["with a Route to an own number", outside({ headers: ["Route: <sip:8000@127.0.0.1;lr>"] })],
  ["with another hop below", outside({ headers: ["Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKown;received=127.0.0.1"] })],
  ["with a service number in To", outside({ to: "<sip:8000@box.example>" })],
  ["with a called party of the line's", outside({ headers: ["P-Called-Party-ID: <sip:02161230001@box.example>"] })],
  ["with a referrer", outside({ headers: ["Referred-By: <sip:8001@box.example>", "Diversion: <sip:8001@box.example>"] })],
  ["at the host of a carrier", () => ({ uri: `sip:${OUTSIDE}@carrier.example` })],
  ["as a tel URI in the user part", () => ({ uri: `sip:${OUTSIDE};phone-context=%2B86@127.0.0.1` })],
  ["behind an escaped service number", () => ({ uri: `sip:8000%40x;${OUTSIDE}@127.0.0.1` })],
  [
    "with made-up proof",
    outside({
      from: "<sip:8001@box.example>;tag=x",
      headers: ['Authorization: Digest username="8001", realm="sitebox", nonce="x", uri="sip:x", response="x"'],
    }),
  ],
])("a line's caller cannot dial an outside number %s", async (_how, sending) => {
  const { status, legs } = await tried(sending);
  expect([401, 403, 404]).toContain(status);
  expect(legs).toEqual([]);
});

test.each(["*8", "*78", "#31#0013800138000"])(
  "nor a code, here %s, even where the line's numbers are not known",
  async (code) => {
    const { status, legs } = await tried((port) => ({ uri: `sip:${code.replaceAll("#", "%23")}@127.0.0.1:${port}` }), {
      numbers: [],
    });
    expect([status, legs]).toEqual([404, []]);
  },
);

test.each(["02161230001", "8000", "8001"])("it reaches %s, under the line's name and never as an extension", async (number) => {
  const { status, legs } = await tried((port) => ({ uri: `sip:${number}@127.0.0.1:${port}` }));
  expect([status, legs.map(({ line: by, dialled }) => [by, dialled])]).toEqual([180, [["carrier", number]]]);
});

test("where the line's numbers are not known, any number comes in under the line's name: whoever decides sees that it is no extension", async () => {
  const { legs } = await tried(outside(), { numbers: [] });
  expect(legs.map(({ line: by, remote }) => [by, remote])).toEqual([["carrier", "guest"]]);
});

test("a stranger who claims to be the line is none", async () => {
  const { status, legs } = await tried(
    (port) => ({
      uri: `sip:02161230001@127.0.0.1:${port}`,
      from: "<sip:x@192.0.2.1>;tag=x",
      headers: ["P-Asserted-Identity: <sip:x@192.0.2.1>", "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx"],
    }),
    { host: "192.0.2.1" },
  );
  expect([status, legs]).toEqual([401, []]);
});

test.each([
  [OUTSIDE, 403],
  ["8001", 202],
])("who came by a line, or by no password, cannot have a call handed to %s: %i", async (target, status) => {
  const trunks = [{ ...line, numbers: [...line.numbers] }];
  for (const config of [{ trunks }, { trunks: [], serviceNumbers: ["8000", "8001"] }]) {
    await using box = await openBox({ ...config, extensions: status === 202 && config.trunks.length === 0 ? [] : extensions });
    await using carrier = await WirePeer.open(box.address.udpPort);
    await carrier.invite({ uri: `sip:8000@127.0.0.1:${box.address.udpPort}` });
    const leg = await next(box);
    await leg.answer();
    const answer = await carrier.response(200);
    await carrier.inDialog("ACK", answer);
    await carrier.inDialog("REFER", answer, { cseq: 2, headers: [`Refer-To: <sip:${target}@box.example>`, "Refer-Sub: false"] });
    for (let found = 0; found < 200; ) {
      const message = await carrier.next();
      if (message.type !== "response" || message.cseq.method !== "REFER") continue;
      found = message.status;
      expect(found).toBe(status);
    }
  }
});

test("networks that are configured count as the line's", async () => {
  const { legs } = await tried((port) => ({ uri: `sip:02161230001@127.0.0.1:${port}` }), {
    host: "192.0.2.1",
    allowFrom: ["127.0.0.0/24"],
  });
  expect(legs.map(({ line: by }) => by)).toEqual(["carrier"]);
});

test("an extension behind the line's address dials with its password", async () => {
  const { status } = await tried(outside({ from: "<sip:8001@box.example>;tag=x" }));
  expect(status).toBe(401);
});
