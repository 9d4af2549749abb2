import type { ModemProfileName } from "@sitebox/core/contract";
import type { ModemProfile } from "./modem.ts";

/** Common to all: PDU mode, texts in UCS2 where a command has words, callers' numbers, news of texts and of the network. */
const common: ModemProfile["init"] = [
  { command: "+CMGF=0", required: true },
  { command: "+CLIP=1", required: true },
  { command: "+CRC=0", required: false },
  // New texts are stored and named (+CMTI); so are delivery reports (+CDSI), where the modem can; else they come as they are (+CDS).
  { command: "+CNMI=2,1,0,2,0", required: false },
  { command: "+CREG=2", required: false },
  { command: "+CEREG=2", required: false },
  // The names of operators in letters, not as they are abbreviated on a display.
  { command: "+COPS=3,0", required: false },
];

/**
 * Quectel EC20, EC21, EC25 (AT commands manual V2.0; chan_quectel's and callpilot's ways). Sound goes over the port for NMEA once positions do not.
 */
const quectel: ModemProfile = {
  name: "quectel-ec2x",
  matches: /quectel|\bE[CG]2[015]/i,
  init: [
    ...common,
    { command: '+CSCS="UCS2"', required: false },
    { command: '+QGPSCFG="outport","none"', required: false },
    { command: '+QINDCFG="ccinfo",1,0', required: false },
    { command: "^DSCI=1", required: false },
    { command: "+QSIMSTAT=1", required: false },
    { command: "+QTONEDET=1", required: false },
  ],
  voice: {
    before: ["+QPCMV=0", "+QPCMV=1,0"],
    up: [],
    after: ["+QPCMV=0"],
    upRetryMs: 0,
    hangUp: "+CHUP",
    moved: /^(?:\+QIND: ?"ccinfo"|\^DSCI:|RING|NO CARRIER|BUSY|NO ANSWER|\+QPCMV:)/,
    // The code of the character: 49 is the key 1.
    key: /^(?:\+QTONEDET|\+RXDTMF): ?(\d+|[*#A-D])/,
    writeBytes: 320,
  },
  ussd: "ucs2",
  badFirmware: [],
};

/** SIMCom SIM7600 (AT command manual V1.x; LilyGo's boards). Sound has to be asked for after the call is up, again and again. */
const simcom: ModemProfile = {
  name: "simcom-sim7600",
  matches: /simcom|SIM76\d\d/i,
  init: [
    ...common,
    { command: '+CSCS="UCS2"', required: false },
    { command: "+CLCC=1", required: false },
    { command: "+CPCMFRM=0", required: false },
    { command: "+DDET=1", required: false },
  ],
  voice: {
    before: [],
    up: ["+CPCMREG=1"],
    after: ["+CPCMREG=0"],
    upRetryMs: 12_000,
    hangUp: "+CHUP",
    moved: /^(?:VOICE CALL:|\+CLCC:|RING|NO CARRIER|BUSY|NO ANSWER|MISSED_CALL)/,
    key: /^(?:\+RXDTMF|\+DTMF): ?([0-9*#A-D])/,
    writeBytes: 640,
  },
  ussd: "ucs2",
  badFirmware: [{ matches: /LE20B06/, problem: "calls are silent at the far end with LE20B06; install LE20B05" }],
};

/** Huawei's sticks of the E series with voice (chan_dongle's ways). */
const huawei: ModemProfile = {
  name: "huawei-e",
  matches: /huawei|^E1\d\d/i,
  init: [...common, { command: "^CURC=1", required: false }],
  voice: {
    before: [],
    up: ["^DDSETEX=2"],
    after: [],
    upRetryMs: 2_000,
    hangUp: "+CHUP",
    moved: /^(?:\^ORIG|\^CONF|\^CONN|\^CEND|RING|NO CARRIER|BUSY|NO ANSWER)/,
    writeBytes: 320,
  },
  ussd: "packed",
  badFirmware: [],
};

export const modemProfiles: readonly ModemProfile[] = [quectel, simcom, huawei];

/** The profile that was configured, or the one that fits what the modem says it is; undefined where none does. */
export function profileFor(name: ModemProfileName, words: string): ModemProfile | undefined {
  return modemProfiles.find((one) => (name === "auto" ? one.matches.test(words) : one.name === name));
}
