import { describe, expect, it } from "vitest";
import { standingOf } from "./line-words.ts";
import { isDialled, placedCall } from "./trials.ts";

describe("how a line stands", () => {
  it.each([
    [{ state: "up" }, { tone: "good", word: "up" }],
    [
      { state: "up", fault: "no-audio-port" },
      { tone: "warn", word: "troubled" },
    ],
    [
      { state: "up", warnings: ["texts-nearly-full"] },
      { tone: "warn", word: "troubled" },
    ],
    [
      { state: "up", warnings: [] },
      { tone: "good", word: "up" },
    ],
    [
      { state: "up", ports: [{ port: 0, state: "down", number: "13900001111", fault: "no-sim" }] },
      { tone: "warn", word: "troubled" },
    ],
    [
      {
        state: "up",
        ports: [
          { port: 0, state: "down", fault: "no-sim" },
          { port: 1, state: "down", number: "13900001111", fault: "switched-off" },
        ],
      },
      { tone: "good", word: "up" },
    ],
    [{ state: "starting" }, { tone: "warn", word: "starting" }],
    [
      { state: "down", fault: "no-sim" },
      { tone: "bad", word: "down" },
    ],
    [
      { state: "down", fault: "switched-off" },
      { tone: "quiet", word: "off" },
    ],
  ] as const)("%j is shown as %j", (line, standing) => {
    expect(standingOf(line)).toEqual(standing);
  });
});

describe("trying a line", () => {
  it.each([
    ["13800138000", true],
    [" *101# ", true],
    ["+8613800138000", true],
    ["", false],
    ["room 8", false],
    ["1".repeat(33), false],
  ])("“%s” can be dialled: %s", (typed, can) => {
    expect(isDialled(typed)).toBe(can);
  });

  it("knows nothing of a call before it is told", () => {
    expect(placedCall([], "c1")).toBeUndefined();
    expect(placedCall([], undefined)).toBeUndefined();
  });
});
