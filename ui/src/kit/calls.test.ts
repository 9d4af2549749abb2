import type { Call } from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import { callWord } from "./index.ts";

const ended = { state: "ended", outcome: "abandoned", channel: "phone", answeredAt: undefined, testedLine: undefined } as const;
const word = (call: Partial<Call>) => callWord({ ...ended, ...call });

describe("how a call is told", () => {
  it("goes by its state while it is up, and by its outcome after", () => {
    expect(word({ state: "ringing" })).toBe("call.state.ringing");
    expect(word({})).toBe("call.outcome.abandoned");
    expect(word({ outcome: undefined })).toBe("call.outcome.failed");
  });

  it("knows no guest in a call that the desk placed, nor in one that tries a line", () => {
    expect(word({ channel: "desk" })).toBe("call.unanswered");
    expect(word({ channel: "desk", outcome: "outside" })).toBe("call.outcome.outside");
    expect(word({ channel: "desk", testedLine: "lobby" })).toBe("call.test.unanswered");
    expect(word({ channel: "desk", testedLine: "lobby", outcome: "outside", answeredAt: 1 })).toBe("call.test.answered");
  });
});
