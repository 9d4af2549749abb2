import { SipTrunk } from "@sitebox/core/contract";
import { expect, test } from "vitest";
import { formatNameAddr, type Header, noBody, noParams, type SipRequest, sipUri } from "../parser/index.ts";
import { callerOf, identityOf } from "./identity.ts";
import { isDiallable, rewritten } from "./numbers.ts";

const trunk = SipTrunk.parse({ name: "carrier", host: "carrier.example", numbers: ["02161230001", "02161230002"] });
const shown = (number: string | undefined, name?: string) => {
  const { from, headers } = identityOf(trunk, { number, name });
  return [formatNameAddr(from), ...headers.map(([key, value]) => `${key}: ${value}`)];
};

test("the caller's number is shown where the line owns it, with the name", () => {
  expect(shown("02161230002", "前台")).toEqual([
    '"前台" <sip:02161230002@carrier.example>',
    "p-asserted-identity: <sip:02161230002@carrier.example>",
  ]);
});

test.each(["8001", "13800138000", "", undefined])("of another number, here %j, nothing is shown but the line's own", (number) => {
  const text = shown(number, "somebody").join();
  expect(text).toContain("02161230001");
  expect(text).not.toMatch(/8001|13800138000|somebody/);
});

test("a number is withheld only where that is asked for; the carrier hears who pays", () => {
  expect(shown("")).toEqual([
    '"Anonymous" <sip:anonymous@anonymous.invalid>',
    "p-asserted-identity: <sip:02161230001@carrier.example>",
    "privacy: id",
  ]);
});

test("who logs in proposes, who is trusted asserts", () => {
  const login = SipTrunk.parse({ name: "carrier", kind: "register", host: "carrier.example", user: "4001" });
  expect(identityOf(login, { number: "8001" }).headers).toEqual([["p-preferred-identity", "<sip:4001@carrier.example>"]]);
});

function from(user: string, headers: readonly Header[] = [], host = "carrier.example"): SipRequest {
  const uri = sipUri(host, { user });
  const cseq = { number: 1, method: "INVITE" };
  return {
    type: "request",
    method: "INVITE",
    uri,
    vias: [],
    from: { uri, params: noParams },
    to: { uri, params: noParams },
    callId: "c",
    cseq,
    headers,
    body: noBody,
  };
}

test.each([
  ["what it asserts", from("1", [["p-asserted-identity", "<sip:139@carrier.example>, <tel:139>"]]), "139"],
  ["what its caller says where it asserts nothing", from("138"), "138"],
  ["nothing where its caller is anonymous", from("anonymous"), ""],
  ["nothing at the host for such", from("138", [], "anonymous.invalid"), ""],
  [
    "nothing where privacy is asked for, whatever it asserts",
    from("1", [
      ["privacy", "user;id"],
      ["p-asserted-identity", "<sip:139@x.example>"],
    ]),
    "",
  ],
  ["what it asserts where privacy is not wanted", from("138", [["privacy", "none"]]), "138"],
])("a carrier's caller is %s", (_what, request, caller) => {
  expect(callerOf(request)).toBe(caller);
});

test("the first rule that fits the whole number rewrites it", () => {
  const rules = [
    { match: "00(\\d+)", replace: "+$1" },
    { match: "0(\\d+)", replace: "+86$1" },
  ];
  expect(["0044123", "02161230001", "8000", "x0044123"].map((number) => rewritten(number, rules))).toEqual([
    "+44123",
    "+862161230001",
    "8000",
    "x0044123",
  ]);
});

test.each([
  ["13800138000", true],
  ["+8613800138000", true],
  ["*98", true],
  ["", false],
  ["1;phone-context=x", false],
  ["1@evil", false],
])("%j can be dialled outside: %s", (number, may) => {
  expect(isDiallable(number)).toBe(may);
});
