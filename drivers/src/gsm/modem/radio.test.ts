import { expect, test } from "vitest";
import { modemProfiles, parseOperator, parseRegistration, parseSignal, profileFor } from "./index.ts";

test.for([
  ["+CSQ: 0,99", 0, -113],
  ["+CSQ: 2,99", 1, -109],
  ["+CSQ: 9,99", 2, -95],
  ["+CSQ: 14,99", 3, -85],
  ["+CSQ: 19,0", 4, -75],
  ["+CSQ:31,99", 5, -51],
  ["+CSQ: 99,99", 0, undefined],
  ["+CSQ: 199,99", 0, undefined],
] as const)("%s is shown as %i bars", ([line, bars, dbm]) => {
  expect(parseSignal([line])).toEqual(dbm === undefined ? { bars } : { bars, dbm });
});

test("no signal is told where nothing is said", () => {
  expect(parseSignal([])).toEqual({ bars: 0 });
});

test.for([
  ['+COPS: 0,0,"CHINA MOBILE",7', { operator: "CHINA MOBILE", technology: "4G" }],
  ['+COPS: 0,0,"4E2D56FD8054901A",2', { operator: "中国联通", technology: "3G" }],
  ['+COPS: 0,0,"CAFE",0', { operator: "CAFE", technology: "2G" }],
  ['+COPS: 0,0,"CHN-CT"', { operator: "CHN-CT" }],
  ['+COPS: 0,2,"46011",13', { operator: "46011", technology: "5G" }],
  ["+COPS: 0", {}],
  ["", {}],
] as const)("%s names the operator", ([line, operator]) => {
  expect(parseOperator([line])).toEqual(operator);
});

test.for([
  ["+CREG: 2,1", "home"],
  ['+CREG: 2,5,"2804","A0B1C2",7', "roaming"],
  ["+CEREG: 0,2", "searching"],
  ["+CREG: 0,0", "searching"],
  ["+CREG: 0,3", "denied"],
  ["+CREG: 1", undefined],
  ["+CREG: 2,8", undefined],
] as const)("%s is %s", ([line, registration]) => {
  expect(parseRegistration([line])).toBe(registration);
});

test.for([
  ["Quectel EC20F EC20CEHDLGR06A07M1G", "quectel-ec2x"],
  ["Quectel EC25 EC25EFAR06A03M4G", "quectel-ec2x"],
  ["SIMCOM INCORPORATED SIMCOM_SIM7600CE LE20B05SIM7600CE", "simcom-sim7600"],
  ["huawei E1750 11.126.13.00.00", "huawei-e"],
  ["Motorola L6", undefined],
] as const)("%s has the profile %s", ([words, name]) => {
  expect(profileFor("auto", words)?.name).toBe(name);
  expect(profileFor("huawei-e", words)?.name).toBe("huawei-e");
});

test("keys that modems say are found in their lines", () => {
  const keyOf = (name: string, line: string) => modemProfiles.find((one) => one.name === name)?.voice.key?.exec(line)?.[1];
  expect(keyOf("quectel-ec2x", "+QTONEDET: 49")).toBe("49");
  expect(keyOf("simcom-sim7600", "+RXDTMF: #")).toBe("#");
});
