import { describe, expect, test } from "vitest";
import { parseMessage, type SipRequest, type SipResponse } from "../parser/index.ts";
import { agreed, answered, asked, isTooBrief, wantedAtLeast } from "./index.ts";

const COMMON = ["Via: SIP/2.0/UDP a;branch=z9hG4bK1", "From: <sip:a@a>;tag=1", "To: <sip:b@b>", "Call-ID: 1", "CSeq: 1 INVITE"];

function invite(...headers: string[]): SipRequest {
  const message = parseMessage(Buffer.from(["INVITE sip:b@b SIP/2.0", ...COMMON, ...headers, "", ""].join("\r\n")));
  if (message.type !== "request") throw new Error(message.type);
  return message;
}

function reply(status: number, ...headers: string[]): SipResponse {
  const message = parseMessage(Buffer.from([`SIP/2.0 ${status} x`, ...COMMON, ...headers, "", ""].join("\r\n")));
  if (message.type !== "response") throw new Error(message.type);
  return message;
}

const wishes = { seconds: 1_800, atLeast: 0 };
const able = "Supported: timer";

describe("answering (RFC 4028 §9)", () => {
  test.for([
    ["nothing is asked and nothing known", [], 1_800, "us", undefined],
    ["nothing is asked", [able], 1_800, "us", "timer"],
    ["less is asked than we would", [able, "Session-Expires: 600"], 600, "us", "timer"],
    ["more is asked than we would", [able, "x: 7200"], 1_800, "us", "timer"],
    ["more is asked, and no less than", [able, "Session-Expires: 7200", "Min-SE: 3600"], 3_600, "us", "timer"],
    ["the caller wants to refresh", [able, "Session-Expires: 600;refresher=uac"], 600, "them", "timer"],
    ["we are to refresh", [able, "Session-Expires: 600;refresher=uas"], 600, "us", "timer"],
    ["a proxy asks for a caller that cannot", ["Session-Expires: 600;refresher=uac"], 600, "us", undefined],
  ] as const)("when %s", ([, headers, seconds, refresher, required]) => {
    const answer = answered(invite(...headers), wishes);
    expect(answer.timer).toEqual({ seconds, refresher });
    expect(answer.headers.find(([name]) => name === "session-expires")?.[1]).toBe(
      `${seconds};refresher=${refresher === "us" ? "uas" : "uac"}`,
    );
    expect(answer.headers.find(([name]) => name === "require")?.[1]).toBe(required);
  });

  test("who refreshed goes on to", () => {
    const request = invite(able, "Session-Expires: 600");
    expect(answered(request, wishes, { seconds: 600, refresher: "them" }).timer.refresher).toBe("them");
    expect(answered(request, wishes, { seconds: 600, refresher: "us" }).timer.refresher).toBe("us");
  });

  test("less than 90 s is too brief, unless the caller could not ask for more", () => {
    expect(isTooBrief(invite(able, "Session-Expires: 89"))).toBe(true);
    expect(isTooBrief(invite(able, "Session-Expires: 90"))).toBe(false);
    expect(isTooBrief(invite("Session-Expires: 30"))).toBe(false);
    expect(isTooBrief(invite(able))).toBe(false);
  });
});

describe("asking (RFC 4028 §7)", () => {
  test("in the beginning without a role, later with the one that there is", () => {
    expect(asked(wishes)).toEqual([["session-expires", "1800"]]);
    expect(asked(wishes, { seconds: 1_800, refresher: "us" })).toEqual([["session-expires", "1800;refresher=uac"]]);
    expect(asked(wishes, { seconds: 1_800, refresher: "them" })).toEqual([["session-expires", "1800;refresher=uas"]]);
  });

  test("after a 422 for what it wants at least", () => {
    const atLeast = wantedAtLeast(reply(422, "Min-SE: 3600"), wishes);
    expect(atLeast).toBe(3_600);
    expect(asked({ seconds: 1_800, atLeast: 3_600 })).toEqual([
      ["session-expires", "3600"],
      ["min-se", "3600"],
    ]);
    expect(wantedAtLeast(reply(422, "Min-SE: 3600"), { seconds: 1_800, atLeast: 3_600 })).toBeUndefined();
    expect(wantedAtLeast(reply(422), wishes)).toBeUndefined();
  });

  test.for([
    [["Session-Expires: 600;refresher=uas"], { seconds: 600, refresher: "them" }],
    [["Session-Expires: 600;refresher=uac"], { seconds: 600, refresher: "us" }],
    [["Session-Expires: 600"], { seconds: 600, refresher: "us" }],
    [[], { seconds: 1_800, refresher: "us" }],
  ] as const)("an answer with %s", ([headers, timer]) => {
    expect(agreed(reply(200, ...headers), wishes)).toEqual(timer);
  });
});
