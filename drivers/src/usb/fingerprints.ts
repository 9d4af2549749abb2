import type { ModemProfileName } from "@sitebox/core/contract";

/** What a modem's USB ids tell before a word is said to it. Data: a new modem is a new row. */
export interface Fingerprint {
  /** Vendor and product, "2c7c:0125" */
  readonly usbId: string;
  /** As people know it. */
  readonly model: string;
  readonly profile: Exclude<ModemProfileName, "auto">;
  /** Numbers of its USB interfaces (bInterfaceNumber) by what they are for. `at`: the best first. */
  readonly at: readonly number[];
  readonly audio: number | undefined;
  /** Never spoken to: diagnostics, which some firmware crashes on when it hears AT. */
  readonly diag: readonly number[];
}

/**
 * Modems that are known. Quectel: EC2x Linux USB driver guide (0 DM, 1 NMEA, 2 AT, 3 modem; sound on the NMEA port). SIMCom: SIM7600 Linux USB
 * guide (0 diagnostics, 1 NMEA, 2 AT, 3 modem, 4 audio). Huawei: the numbers that are in use with these sticks and voice.
 */
export const fingerprints: readonly Fingerprint[] = [
  { usbId: "2c7c:0125", model: "Quectel EC20/EC25", profile: "quectel-ec2x", at: [2, 3], audio: 1, diag: [0] },
  { usbId: "2c7c:0121", model: "Quectel EC21", profile: "quectel-ec2x", at: [2, 3], audio: 1, diag: [0] },
  { usbId: "2c7c:0195", model: "Quectel EG95", profile: "quectel-ec2x", at: [2, 3], audio: 1, diag: [0] },
  // The first EC20 came with Qualcomm's ids.
  { usbId: "05c6:9215", model: "Quectel EC20", profile: "quectel-ec2x", at: [2, 3], audio: 1, diag: [0] },
  { usbId: "1e0e:9001", model: "SIMCom SIM7600", profile: "simcom-sim7600", at: [2, 3], audio: 4, diag: [0] },
  { usbId: "12d1:1001", model: "Huawei E1550", profile: "huawei-e", at: [2, 0], audio: 1, diag: [] },
  { usbId: "12d1:140c", model: "Huawei E17xx", profile: "huawei-e", at: [3, 0], audio: 2, diag: [] },
  { usbId: "12d1:1436", model: "Huawei E1750", profile: "huawei-e", at: [4, 0], audio: 3, diag: [] },
  { usbId: "12d1:14ac", model: "Huawei E153", profile: "huawei-e", at: [4, 0], audio: 3, diag: [] },
  { usbId: "12d1:1506", model: "Huawei E171/E3131", profile: "huawei-e", at: [3, 1, 0], audio: 2, diag: [] },
];

/** What is known of a device with these ids. */
export const fingerprintOf = (usbId: string): Fingerprint | undefined => fingerprints.find((one) => one.usbId === usbId);
