import { describe, expect, it } from "vitest";
import { answerRate, freeName, identityOf, isUsable, minutesOf, portTotals, settingsOf, textParts, yuan } from "./index.ts";

const device = { usbPath: "1-1.4", usbId: "2c7c:0125", model: "Quectel EC20", profile: "quectel-ec2x" } as const;

describe("a line's figures", () => {
  it("tell no answer rate where nothing was dialled", () => {
    expect(answerRate({ callsOut: 0, answered: 0 })).toBeUndefined();
    expect(answerRate({ callsOut: 3, answered: 2 })).toBe(67);
  });

  it("tell many minutes by the hour", () => {
    expect(minutesOf(179.4)).toEqual({ unit: "minutes", count: 179 });
    expect(minutesOf(437)).toEqual({ unit: "hours", count: 7.3 });
    expect(minutesOf(1_440)).toEqual({ unit: "hours", count: 24 });
  });

  it("count ports by their state", () => {
    const ports = (["idle", "idle", "busy", "down"] as const).map((state, port) => ({ port, state }));
    expect(portTotals(ports)).toEqual({ idle: 2, busy: 1, down: 1 });
  });

  it("show money with two digits and its sign", () => {
    expect(yuan(6.4, "zh-CN")).toBe("¥6.40");
    expect(yuan(6.4, "en")).toBe("¥6.40");
  });
});

describe("a found modem", () => {
  it("gets the first name that is free, and is found again by its IMEI", () => {
    expect(settingsOf({ ...device, imei: "861107030012345", iccid: "89860012345678901234" }, ["gsm-1"])).toEqual({
      kind: "gsm",
      name: "gsm-2",
      profile: "quectel-ec2x",
      imei: "861107030012345",
      sim: { iccid: "89860012345678901234" },
    });
  });

  it("is found again by its socket where it does not tell its IMEI", () => {
    expect(settingsOf({ ...device, number: "13900001111" }, [])).toMatchObject({
      usbPath: "1-1.4",
      sim: { number: "13900001111" },
    });
  });

  it("can be held to a registration as far as it has said what it and its SIM are", () => {
    const known = { ...device, imei: "861107030012345", iccid: "89860012345678901234" };
    expect(identityOf(device)).toBe("asking");
    expect(identityOf({ ...device, operator: "CHINA MOBILE" })).toBe("any-modem");
    expect(identityOf({ ...known, iccid: undefined, fault: "pin-needed" })).toBe("any-sim");
    expect(identityOf(known)).toBe("known");
  });

  it("can be used when it only wants its PIN, and not without a SIM", () => {
    expect(isUsable({})).toBe(true);
    expect(isUsable({ fault: "pin-needed" })).toBe(true);
    expect(isUsable({ fault: "no-sim" })).toBe(false);
  });
});

describe("a free name", () => {
  it("fills the gaps", () => {
    expect(freeName("gsm", ["gsm-1", "gsm-3"])).toBe("gsm-2");
  });
});

describe("a text", () => {
  it.each([
    ["", 0],
    ["a".repeat(160), 1],
    ["a".repeat(161), 2],
    [`${"a".repeat(158)}€`, 1],
    [`${"a".repeat(159)}€`, 2],
    ["字".repeat(70), 1],
    ["字".repeat(71), 2],
    ["字".repeat(135), 3],
  ])("%# is sent in the parts it needs", (text, parts) => {
    expect(textParts(text)).toBe(parts);
  });
});
