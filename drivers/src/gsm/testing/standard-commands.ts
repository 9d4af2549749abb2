import type { ModemProfile } from "../modem/index.ts";
import type { ScriptedModem, ScriptedReply } from "./scripted-modem.ts";

const cme = (code: number): ScriptedReply => ({ final: `+CME ERROR: ${code}` });
const ok: ScriptedReply = {};

/** Settings that each kind takes beside the standard ones. */
const ownSettings: Record<ModemProfile["name"], readonly string[]> = {
  "quectel-ec2x": ["+QCFG", "+QINDCFG", "+QSIMSTAT", "+QTONEDET", "+QGPSCFG", "+QURCCFG", "^DSCI", "+QPCMV", "+QIMS"],
  "simcom-sim7600": ["+DDET", "+CPCMFRM", "+CMICGAIN", "+COUTGAIN", "+CLCC", "+CPCMREG", "+CNMP", "+CECM"],
  "huawei-e": ["^CURC", "^DDSETEX", "^CVOICE", "^U2DIAG", "^SYSCFG"],
};
const settings = ["+CMEE", "+CLIP", "+CRC", "+CSCS", "+CMGF", "+CNMI", "+CSMS", "+CPMS", "+CSDH", "+CSMP", "+CREG", "+CEREG"];
const moreSettings = ["+CGREG", "+COPS", "+CSSN", "+CUSD", "+CMOD", "+CVHU", "+CFUN", "+CCWA", "+COLP", "+CMMS", "+CSCA"];

/** What every modem answers: what it is, its SIM, the network, and settings that it remembers until it starts anew. */
export function standardCommands(modem: ScriptedModem): void {
  const { identity, radio, profile } = modem;
  const simReady = (reply: () => ScriptedReply) => () =>
    radio.sim === "READY" ? reply() : cme(radio.sim === "absent" ? 10 : radio.sim === "SIM PIN" ? 11 : 12);
  const tell = (...lines: string[]) => ({ lines });

  modem.handle("", ({ text }) => (text === "" ? ok : { final: "ERROR" }));
  modem.handle("E", ({ rest }) => {
    modem.echo(rest !== "0");
    return ok;
  });
  for (const plain of ["V", "Q0", "&F", "Z", "X", "S0"]) modem.handle(plain, () => ok);
  for (const command of [...settings, ...moreSettings, ...ownSettings[profile]]) {
    modem.handle(`${command}=`, ({ rest }) => {
      modem.settings.set(command, rest);
      return ok;
    });
    modem.handle(`${command}?`, () => tell(`${command}: ${modem.settings.get(command) ?? "0"}`));
  }

  modem.handle("+CGMI", () => tell(identity.manufacturer));
  modem.handle("+CGMM", () => tell(identity.model));
  modem.handle("+CGMR", () => tell(profile === "simcom-sim7600" ? `+CGMR: ${identity.firmware}` : identity.firmware));
  modem.handle("+CGSN", () => tell(identity.imei));
  modem.handle("+GSN", () => tell(identity.imei));
  modem.handle("I", () => tell(identity.manufacturer, identity.model, `Revision: ${identity.firmware}`));
  modem.handle(
    "+CIMI",
    simReady(() => tell(identity.imsi)),
  );
  const iccid = { "quectel-ec2x": "+QCCID", "simcom-sim7600": "+CICCID", "huawei-e": "^ICCID?" }[profile];
  const answer = { "quectel-ec2x": "+QCCID", "simcom-sim7600": "+ICCID", "huawei-e": "^ICCID" }[profile];
  modem.handle(iccid, () => (radio.sim === "absent" ? cme(10) : tell(`${answer}: ${identity.iccid}`)));
  modem.handle(
    "+CNUM",
    simReady(() => ok),
  );

  modem.handle("+CPIN?", () => (radio.sim === "absent" ? cme(10) : tell(`+CPIN: ${radio.sim}`)));
  modem.handle("+CPIN=", ({ rest }) => enterPin(modem, rest.replaceAll('"', "")));
  if (profile === "quectel-ec2x") modem.handle("+QPINC", () => tell(`+QPINC: "SC",${radio.pinAttempts},10`, '+QPINC: "P2",3,10'));
  if (profile === "simcom-sim7600") modem.handle("+SPIC", () => tell(`+SPIC: ${radio.pinAttempts},10,3,10`));
  if (profile === "huawei-e")
    modem.handle("^CPIN?", () => tell(`^CPIN: ${radio.sim},${radio.pinAttempts},10,${radio.pinAttempts},10,3`));

  for (const command of ["+CREG", "+CEREG", "+CGREG"])
    modem.handle(`${command}?`, () => {
      const mode = modem.settings.get(command) ?? "0";
      const place = mode === "2" ? `,"2804","A0B1C2",${radio.technology}` : "";
      return tell(`${command}: ${mode},${radio.registration}${place}`);
    });
  modem.handle("+CSQ", () => tell(`+CSQ: ${radio.csq},99`));
  modem.handle("+COPS?", () =>
    tell([1, 5].includes(radio.registration) ? `+COPS: 0,0,"${radio.operator}",${radio.technology}` : "+COPS: 0"),
  );
  modem.handle("+CLCC", () => ok);
  modem.handle("+CFUN?", () => tell("+CFUN: 1"));
  modem.handle("+CFUN=1,1", () => {
    modem.reboot();
    return "silent";
  });
}

function enterPin({ radio }: ScriptedModem, pin: string): ScriptedReply {
  if (radio.sim !== "SIM PIN") return cme(3);
  if (pin === radio.pin) {
    radio.sim = "READY";
    radio.pinAttempts = 3;
    return ok;
  }
  radio.pinAttempts--;
  if (radio.pinAttempts === 0) radio.sim = "SIM PUK";
  return cme(16);
}
