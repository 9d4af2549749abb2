import type { CallMoment } from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import { momentTag, momentText } from "./index.ts";

const moment = (type: CallMoment["type"], text: string, data?: CallMoment["data"]): CallMoment => ({
  atMs: 0,
  type,
  text,
  ...(data && { data }),
});

describe("a line of a call's timeline", () => {
  it("shows what was said as it was said", () => {
    expect(momentText(moment("heard", "hello"))).toEqual({ type: "words", text: "hello" });
    expect(momentText(moment("digits", "806"))).toEqual({ type: "words", text: "806" });
    expect(momentText(moment("ticket", "10001", { number: "10001" }))).toEqual({ type: "words", text: "10001" });
  });

  it("shows a silence as one", () => {
    expect(momentText(moment("heard", ""))).toEqual({ type: "silence" });
  });

  it("shows what was understood in the site's words", () => {
    const data = {
      room: "806",
      polarity: "none",
      things: [
        { kind: "repair", at: 3, item: "tv", faults: ["dark", "loud"] },
        { item: "towel", quantity: 2 },
      ],
    };
    expect(momentText(moment("decision", "understood", data))).toEqual({ type: "words", text: "806 tv dark towel × 2" });
  });

  it("gives the box's own notes a key to be translated by", () => {
    expect(momentText(moment("decision", "understood", { things: [], polarity: "yes" }))).toMatchObject({
      key: "call.note.understood-yes",
    });
    expect(momentText(moment("decision", "understood", { things: "?" }))).toMatchObject({ key: "call.note.understood" });
    expect(momentText(moment("media", "call ended"))).toEqual({ type: "note", key: "call.note.call-ended", text: "call ended" });
    expect(momentText(moment("digits", "consults by keys"))).toMatchObject({ key: "call.note.consults-by-keys" });
    expect(momentText(moment("transfer", "nobody"))).toMatchObject({ key: "call.note.nobody" });
  });

  it("tells by which line it dialled and what that said", () => {
    const failed = moment("decision", "the line did not do", { line: "lobby", reason: "no such number (Unassigned)" });
    expect(momentText(failed)).toMatchObject({
      key: "call.note.the-line-did-not-do",
      values: { line: "lobby", reason: "no such number (Unassigned)" },
    });
    expect(momentText(moment("decision", "dials by a line", { line: "lobby" }))).toMatchObject({ values: { line: "lobby" } });
  });

  it("is no transfer where somebody was only rung", () => {
    expect(momentTag(moment("transfer", "no-answer", { number: "139" }))).toBe("call.moment.dial");
    expect(momentTag(moment("decision", "tries a line", { line: "lobby" }))).toBe("call.moment.dial");
    expect(momentTag(moment("transfer", "parked", { slot: "701" }))).toBe("call.moment.transfer");
    expect(momentTag(moment("said", "hello"))).toBe("call.speaker.said");
  });
});
