import { type Log, type LogFields, silentLog } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { checkServiceCode } from "./index.ts";

test.for([
  ...["*100#", "*101#", "#100#", "*139*1#", "*123*1*2#", "*#06#", "*#21#", "*#31#", "*#43#", "*#002**11#", "*1008611#"],
  ...["1", "12", "0", "13800138000", "+8613800138000", "*", "#"],
])("%s asks, or chooses from a menu", (code) => {
  expect(() => checkServiceCode(code, silentLog)).not.toThrow();
});

test.for([
  // The caller's number is hidden, or shown; calls wait; names are shown.
  ...["*31#", "#31#", "**31#", "##31#", "*31*11#", "*31**11#", "*30#", "#30#", "*76#", "#77#", "*43#", "#43#", "*300#"],
  // Forwarding.
  ...["**21*13812345678#", "*21*13812345678#", "*21#", "#21#", "##21#", "**61*13812345678**20#", "**62*+8613812345678#"],
  ...["*67*1#", "**002*13812345678#", "##002#", "#002#", "*004*1#", "##004#", "*57*13812345678#", "#57#", "*214*1#"],
  // Barring, passwords, PINs.
  ...["*33*0000#", "#33*0000#", "*331*0000#", "*332*0000#", "*35*0000#", "*351*0000#", "#330*0000#", "*333*0000#", "#353*0000#"],
  ...["*03*330*0000*1111*1111#", "**03**0000*1111*1111#", "**04*1234*1111*1111#", "*04*1234*1111*1111#"],
  ...["**042*1234*1111*1111#", "*042*1*2*2#", "**05*12345678*1111*1111#", "**052*12345678*1111*1111#", "*052*1*2*2#"],
  // Profiles, precedence, signalling between users, completion, and whatever else is registered or erased.
  ...["*591#", "*750#", "*75#", "*361#", "*37*1#", "#37#", "**999#", "##100#", "**100*1#"],
])("%s orders something, and is refused", (code) => {
  expect(() => checkServiceCode(code, silentLog)).toThrow(expect.objectContaining({ code: "service-code-orders" }));
});

test.for([
  ...["", "*100", "100#", "*100#*31#", "*100#1", "*31#13800138000", "***21*1#", "#*31#", "*#*#4636#*#*", "*100# ; reboot"],
  ...['AT"', "*100#\r", "余额", "＊31＃", "*100 #", `*${"1".repeat(40)}#`],
])("%j is no service code", (code) => {
  expect(() => checkServiceCode(code, silentLog)).toThrow(expect.objectContaining({ code: "service-code-unfit" }));
});

test("the log says which service was asked for, and neither numbers nor PINs", () => {
  const told: [string, LogFields | undefined][] = [];
  const log: Log = {
    ...silentLog,
    info: (message, fields) => void told.push([message, fields]),
    warn: (message, fields) => void told.push([message, fields]),
  };
  checkServiceCode("*100#", log);
  checkServiceCode("13800138000", log);
  for (const code of ["**21*13812345678#", "**04*1234*1111*1111#"]) expect(() => checkServiceCode(code, log)).toThrow();
  expect(told).toEqual([
    ["a service code is asked", { service: "*100" }],
    ["a service code is asked", { service: undefined }],
    ["a service code was refused: it orders something", { service: "**21" }],
    ["a service code was refused: it orders something", { service: "**04" }],
  ]);
});
