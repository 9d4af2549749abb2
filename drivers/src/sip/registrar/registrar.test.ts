import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { parseMessage } from "../parser/index.ts";
import type { Peer } from "../transports/index.ts";
import { Registrar } from "./registrar.ts";

const flow = (port: number): Peer => ({ transport: "udp", host: "192.0.2.1", port });

function registrar() {
  const clock = new VirtualClock();
  const registry = new Registrar({ clock, log: silentLog });
  let sequence = 0;
  const register = (headers: readonly string[], peer = flow(5060)) => {
    const head = [
      "REGISTER sip:box SIP/2.0",
      "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1",
      "From: <sip:8001@box>;tag=1",
      "To: <sip:8001@box>",
      "Call-ID: 1",
      `CSeq: ${++sequence} REGISTER`,
      ...headers,
    ];
    const request = parseMessage(Buffer.from(`${head.join("\r\n")}\r\n\r\n`));
    if (request.type !== "request") throw new Error(request.type);
    const { status, headers: answered = [] } = registry.register(request, "8001", peer);
    return [status, ...answered.map(([, value]) => value)];
  };
  return { clock, registry, register };
}

test("the phones of an extension are told in the order that they prefer to be rung in", () => {
  const { registry, register } = registrar();
  register(["Contact: <sip:a@192.0.2.1>;q=0.1, <sip:b@192.0.2.1>;q=0.75", "Contact: <sip:c@192.0.2.1>"]);
  expect(registry.registrations("8001").map(({ contact }) => contact.user)).toEqual(["c", "b", "a"]);
  expect(register([])).toEqual([
    200,
    "<sip:a@192.0.2.1>;q=0.1;expires=3600",
    "<sip:b@192.0.2.1>;q=0.75;expires=3600",
    "<sip:c@192.0.2.1>;expires=3600",
  ]);
});

test.for(["2", "1.5", "0.1234", "high"])("a preference of %s is none, and 400", (q) => {
  expect(registrar().register([`Contact: <sip:a@192.0.2.1>;q=${q}`])).toEqual([400]);
});

test.for([
  ["a number", ["Expires: 600"], "", 600],
  ["a date, as before RFC 3261", ["Expires: Thu, 01 Dec 1994 16:00:00 GMT"], "", 3_600],
  ["nothing", [], "", 3_600],
  ["its own number, which counts more", ["Expires: 600"], ";expires=120", 120],
  ["its own that is none", ["Expires: 600"], ";expires=soon", 600],
] as const)("how long a contact stays: %s", ([, headers, param, seconds]) => {
  expect(registrar().register([...headers, `Contact: <sip:a@192.0.2.1>${param}`])).toEqual([
    200,
    `<sip:a@192.0.2.1>;expires=${seconds}`,
  ]);
});

test("a number of seconds beyond its range is 400", () => {
  expect(registrar().register(["Expires: 99999999999", "Contact: <sip:a@192.0.2.1>"])).toEqual([400]);
});

test("of eleven phones of one extension the oldest gives way", () => {
  const { registry, register } = registrar();
  for (let phone = 0; phone < 11; phone++) register([`Contact: <sip:p${phone}@192.0.2.1>`]);
  const users = registry.registrations("8001").map(({ contact }) => contact.user);
  expect([users.length, users.includes("p0"), users.includes("p10")]).toEqual([10, false, true]);
});

test("a phone is known by the very place that it registered from, until it is gone", async () => {
  const { clock, registry, register } = registrar();
  register(["Contact: <sip:a@192.0.2.1>", "Expires: 60"], flow(40_000));
  register(["Contact: <sip:b@192.0.2.1>", "Expires: 120"], flow(40_001));
  const known = () => [40_000, 40_001, 40_002].map((port) => registry.isRegistered(flow(port)));
  expect(known()).toEqual([true, true, false]);
  expect(registry.isRegistered({ ...flow(40_000), transport: "tcp" })).toBe(false);
  await clock.advance(60_000);
  expect(known()).toEqual([false, true, false]);
  register(["Contact: *", "Expires: 0"]);
  expect(known()).toEqual([false, false, false]);
});
