import { describe, expect, test } from "vitest";
import { causeOf, hintOfReport, outcomeOf } from "./causes.ts";
import { parseCalls, parseEnd, parseNotice } from "./notices.ts";

describe("the list of calls", () => {
  test.each([
    ['+CLCC: 1,1,4,0,0,"13800138000",129', { id: 1, direction: "in", state: "incoming", number: "13800138000" }],
    ['+CLCC: 2,0,3,0,0,"+8613800138000",145,""', { id: 2, direction: "out", state: "alerting", number: "+8613800138000" }],
    ['+CLCC: 1,1,5,0,0,"8613800138000",145', { id: 1, direction: "in", state: "waiting", number: "+8613800138000" }],
    ["+CLCC: 1,1,0,0,0", { id: 1, direction: "in", state: "active" }],
    ['+CLCC: 1,1,4,0,0,"",128', { id: 1, direction: "in", state: "incoming" }],
    ["+CLCC: 1,0,2,0", { id: 1, direction: "out", state: "dialling" }],
    ['+CLCC: 1,1,4,0,0,"00310033003800300030",129', { id: 1, direction: "in", state: "incoming", number: "13800" }],
  ])("%s", (line, call) => {
    expect(parseCalls([line])).toEqual([call]);
  });

  test("leaves out data connections, ends and what cannot be read, and takes the last of a call", () => {
    const lines = ['+CLCC: 1,0,0,1,0,"",128', "+CLCC: 2,1,6,0,0", "+CLCC: rubbish", "+CLCC: 3,0,2,0,0", "+CLCC: 3,0,0,0,0"];
    expect(parseCalls(lines)).toEqual([{ id: 3, direction: "out", state: "active" }]);
  });
});

test.each([
  ["RING", { type: "ring" }],
  ["+CRING: VOICE", { type: "ring" }],
  ['+CLIP: "13800138000",129,"",0,"",0', { type: "caller", number: "13800138000" }],
  ['+CLIP: "8613800138000",145', { type: "caller", number: "+8613800138000" }],
  ['+CLIP: "",128,,,,1', { type: "caller", number: "" }],
  ["+CLIP: ,128", { type: "ring" }],
  ['+CCWA: "10086",129,1', { type: "waiting" }],
  ["NO CARRIER", { type: "finished", hint: { word: "no-carrier", text: "NO CARRIER" } }],
  ["BUSY", { type: "finished", hint: { word: "busy", text: "BUSY" } }],
  ["NO ANSWER", { type: "finished", hint: { word: "no-answer", text: "NO ANSWER" } }],
  ["VOICE CALL: END: 000012", { type: "finished", hint: { text: "VOICE CALL: END: 000012" } }],
  ["^CEND:1,5,29,16", { type: "finished", hint: { text: "^CEND:1,5,29,16", cause: 16 } }],
  ["^CEND: 1,0,104", { type: "finished", hint: { text: "^CEND: 1,0,104" } }],
  ["+CSQ: 20,99", undefined],
])("%s is understood", (line, notice) => {
  expect(parseNotice(line)).toEqual(notice);
});

test.each([
  ["+CEER: User busy", 17],
  ['+CEER: "Unassigned (unallocated) number"', 1],
  ["+CEER: 5,17", 17],
  ["+CEER: CC cause 27", 27],
  ["+CEER: Normal call clearing", 16],
  ["+CEER: No user responding", 18],
  ["+CEER: No cause information available", undefined],
  ["+CEER: 0", undefined],
])("%s is the cause %s", (line, cause) => {
  expect(hintOfReport([line])?.cause).toBe(cause);
});

test("a report that is not there is no reason", () => {
  expect([hintOfReport([]), hintOfReport(["+CEER:"])]).toEqual([undefined, undefined]);
});

test.each([
  [parseEnd("BUSY"), false, "busy"],
  [{ text: "", cause: 17 }, true, "busy"],
  [{ text: "", cause: 21 }, true, "busy"],
  [parseEnd("NO ANSWER"), false, "no-answer"],
  [{ text: "", cause: 18 }, false, "no-answer"],
  [{ text: "", cause: 16 }, true, "no-answer"],
  [undefined, true, "no-answer"],
  [undefined, false, "unreachable"],
  [{ text: "", cause: 16 }, false, "unreachable"],
  [{ text: "", cause: 1 }, true, "unreachable"],
  [{ text: "", cause: 38 }, true, "unreachable"],
])("a call that ended with %o, rung: %s, was %s", (hint, alerted, type) => {
  expect(outcomeOf(hint, alerted).type).toBe(type);
});

test("an answered call ends normally unless the network failed", () => {
  expect([causeOf(undefined), causeOf(parseEnd("NO CARRIER")), causeOf({ text: "", cause: 16 })]).toEqual([
    "normal",
    "normal",
    "normal",
  ]);
  expect([causeOf({ text: "", cause: 41 }), causeOf({ text: "", cause: 128 })]).toEqual(["failed", "normal"]);
});
