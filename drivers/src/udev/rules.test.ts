import { expect, test } from "vitest";
import { fingerprints } from "../usb/index.ts";
import { udevRules } from "./rules.ts";

/** One assignment or comparison of udev(7). */
const PART = /^[A-Z]+(\{[^}]+\})?(==|!=|=|\+=)"[^"]*"$/;

test("every line is a comment or made of what udev understands", () => {
  const lines = udevRules(fingerprints)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const wrong = lines.filter((line) => !line.split(", ").every((part) => PART.test(part)));
  expect(wrong).toEqual([]);
});

test("every modem of the table is named, and nothing is done to other devices", () => {
  const rules = udevRules(fingerprints);
  for (const { usbId, profile } of fingerprints) {
    const [vendor, product] = usbId.split(":");
    expect(rules).toContain(`ATTR{idVendor}=="${vendor}", ATTR{idProduct}=="${product}", ENV{SITEBOX_MODEM}="${profile}"`);
  }
  const gate = rules.indexOf('ENV{SITEBOX_MODEM}!="?*", GOTO="sitebox_end"');
  expect(gate).toBeGreaterThan(rules.lastIndexOf('ENV{SITEBOX_MODEM}="'));
  expect(rules.indexOf("authorized")).toBeGreaterThan(gate);
});
