import { describe, expect, it } from "vitest";
import { cleanClaimCode, isClaimCode } from "./claim-code.ts";

describe("a claim code", () => {
  it("is taken as people type it", () => {
    expect(cleanClaimCode(" k7wm-3rqa ")).toBe("K7WM3RQA");
    expect(cleanClaimCode("K7WM3RQA99")).toBe("K7WM3RQA");
  });
  it("has eight signs, none of them easily taken for another", () => {
    expect(isClaimCode("K7WM3RQA")).toBe(true);
    expect(isClaimCode("K7WM3RQ")).toBe(false);
    expect(isClaimCode("K7WM3RQ0")).toBe(false);
  });
});
