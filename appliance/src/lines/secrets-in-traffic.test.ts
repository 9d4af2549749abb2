import { LineConfig } from "@sitebox/core/contract";
import type { Traffic } from "@sitebox/drivers/line";
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
