import { LineConfig } from "@sitebox/core/contract";
import type { Traffic } from "@sitebox/drivers/line";
import fc from "fast-check";
import { expect, test } from "vitest";
import { withoutSecretsOf } from "./secrets-in-traffic.ts";
import { modem } from "./testing/index.ts";

type Piece = readonly [direction: Traffic["direction"], text: string, port?: string | undefined];

/** What is passed on of these pieces. */
function passed(config: LineConfig, ...pieces: readonly Piece[]): Piece[] {
  const told: Piece[] = [];
  const take = withoutSecretsOf(config, ({ direction, bytes, port }) => {
    const text = Buffer.from(bytes).toString("latin1");
    told.push(port === "at" ? [direction, text] : [direction, text, port]);
  });
  for (const [direction, text, port = "at"] of pieces) take({ port, direction, bytes: Buffer.from(text, "latin1") });
  return told;
}

const withPin = modem("lobby", { pin: "4711" });

test.for<[string, string]>([
  ["AT+CPIN=4711\r", "AT+CPIN=***\r"],
  ['at+cpin="4711"\r', 'at+cpin="***"\r'],
  ["AT^CPIN=4711\r", "AT^CPIN=***\r"],
  ['AT+CLCK="SC",0,"4711"\r', 'AT+CLCK="SC",***,"***"\r'],
  ['AT+CPWD="SC","4711","0815"\r', 'AT+CPWD="SC","***","***"\r'],
  ["AT+CPIN=4711;+CSQ\r\nAT+CMGR=4711\r", "AT+CPIN=***;+CSQ\r\nAT+CMGR=4711\r"],
  ["AT+CPIN?\r", "AT+CPIN?\r"],
])("of %j a transcript shows %j", ([said, shown]) => {
  expect(passed(withPin, ["out", said])).toEqual([["out", shown]]);
});

test("a PIN that stands in a number by chance is no PIN", () => {
  const said: Piece[] = [
    ["out", "ATD13800004711;\r"],
    ["in", '\r\n+CLIP: "4711",129\r\n'],
  ];
  expect(passed(withPin, ...said)).toEqual(said);
});

test("no PIN is shown however its echo is cut, and what is around it is", () => {
  const before = "\r\n+CSQ: 21,99\r\n\r\nOK\r\n";
  const after = "\r\r\nOK\r\n+CPIN: READY\r\n";
  fc.assert(
    fc.property(fc.stringMatching(/^\d{4,8}$/), fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 40 }), (pin, sizes) => {
      let rest = `${before}AT+CPIN=${pin}${after}`;
      const pieces: Piece[] = [];
      for (const size of [...sizes, rest.length]) {
        // What we say meanwhile goes the other way and changes nothing.
        if (rest !== "") pieces.push(["in", rest.slice(0, size)], ["out", "AT+CSQ\r"]);
        rest = rest.slice(size);
      }
      const shown = passed(modem("lobby", { pin }), ...pieces);
      expect(shown.flatMap(([direction, text]) => (direction === "in" ? [text] : [])).join("")).toBe(
        `${before}AT+CPIN=***${after}`,
      );
      expect(shown.every(([, text]) => text !== "")).toBe(true);
    }),
  );
});

test("the end of a connection is passed on, and sound is as it is", () => {
  const pieces: Piece[] = [
    ["in", ""],
    ["in", "+CPIN=4711", "audio"],
  ];
  expect(passed(withPin, ...pieces)).toEqual(pieces);
});

test("a gateway's passwords are not shown, as they are and as URLs write them", () => {
  const rack = LineConfig.parse({
    ...{ kind: "gateway", name: "rack", maker: "dinstar", host: "10.0.0.9" },
    sip: { user: "box", password: "sip secret/1" },
    management: { password: "web secret/2" },
    ports: [{ port: 0, sim: { number: "13800138000", owner: "x", purpose: "y" } }],
  });
  expect(
    passed(rack, ["out", "GET /?a=web%20secret%2F2&b=web secret/2 HTTP/1.1\r\nAuthorization: Basic Ym94OnNpcA==\r\n", "http"]),
  ).toEqual([["out", "GET /?a=***&b=*** HTTP/1.1\r\nAuthorization: Basic ***\r\n", "http"]]);
  expect(passed(rack, ["out", "sip secret/1", "udp"])).toEqual([["out", "***", "udp"]]);
});
