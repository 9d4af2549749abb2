import { expect, test } from "vitest";
import { formatNameAddr, formatUri, parseMessage, type SipRequest } from "../parser/index.ts";
import { ackIn, dialogKey, dialogKeyOf, dialogOfRequest, refreshed, requestIn, taken } from "./index.ts";

function inviteWith(...headers: string[]): SipRequest {
  const lines = [
    "INVITE sip:8000@box SIP/2.0",
    "Via: SIP/2.0/UDP phone;branch=z9hG4bK1",
    "From: <sip:a@phone>;tag=a",
    "To: <sip:8000@box>",
    "Call-ID: c",
    "CSeq: 5 INVITE",
    ...headers,
    "",
    "",
  ];
  const message = parseMessage(Buffer.from(lines.join("\r\n")));
  if (message.type !== "request") throw new Error("not read");
  return message;
}

const opened = (...headers: string[]) => {
  const dialog = dialogOfRequest(inviteWith("Contact: <sip:a@192.0.2.1>", ...headers), "b");
  if (!dialog) throw new Error("no dialog");
  return dialog;
};

const routes = (request: SipRequest) => request.headers.filter(([name]) => name === "route").map(([, value]) => value);

test("an INVITE opens a dialog with the ends turned round", () => {
  const { request } = requestIn(opened(), "BYE");
  expect([formatUri(request.uri), formatNameAddr(request.from), formatNameAddr(request.to)]).toEqual([
    "sip:a@192.0.2.1",
    "<sip:8000@box>;tag=b",
    "<sip:a@phone>;tag=a",
  ]);
});

test("requests of the far end find the dialog, ours count up, and the ACK has the number of its INVITE", () => {
  const dialog = opened();
  const reply = inviteWith();
  expect(dialogKeyOf({ ...reply, to: dialog.local })).toBe(dialogKey(dialog));
  expect(dialogKeyOf(reply)).toBeUndefined();
  const first = requestIn(dialog, "INFO");
  expect([first.request.cseq.number, requestIn(first.dialog, "BYE").request.cseq.number, ackIn(dialog, 7).cseq]).toEqual([
    1,
    2,
    { number: 7, method: "ACK" },
  ]);
});

test("a route set of loose routers is carried, one that begins with a strict router is turned over to it", () => {
  const loose = requestIn(opened("Record-Route: <sip:p1;lr>, <sip:p2;lr>"), "BYE").request;
  expect([formatUri(loose.uri), routes(loose)]).toEqual(["sip:a@192.0.2.1", ["<sip:p1;lr>", "<sip:p2;lr>"]]);
  const strict = requestIn(opened("Record-Route: <sip:p1>", "Record-Route: <sip:p2;lr>"), "BYE").request;
  expect([formatUri(strict.uri), routes(strict)]).toEqual(["sip:p1", ["<sip:p2;lr>", "<sip:a@192.0.2.1>"]]);
});

test("requests are taken in their order only", () => {
  const dialog = opened();
  const numbered = (number: number) => ({ ...inviteWith(), cseq: { number, method: "INFO" } });
  expect([taken(dialog, numbered(5)), taken(dialog, numbered(4))]).toEqual([undefined, undefined]);
  expect(taken(dialog, numbered(9))?.remoteSeq).toBe(9);
});

test("a new Contact moves the far end, none leaves it", () => {
  const dialog = opened();
  expect(formatUri(refreshed(dialog, inviteWith("Contact: <sip:a@192.0.2.2>")).target)).toBe("sip:a@192.0.2.2");
  expect(refreshed(dialog, inviteWith())).toBe(dialog);
});

test("without a Contact, or with a Record-Route that cannot be read, there is no dialog", () => {
  expect(dialogOfRequest(inviteWith(), "b")).toBeUndefined();
  expect(dialogOfRequest(inviteWith("Contact: <sip:a@b>", "Record-Route: nonsense"), "b")).toBeUndefined();
});
