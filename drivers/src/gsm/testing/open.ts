import { standardPlugins } from "./plugins.ts";
import { type ScriptedIdentity, ScriptedModem, type ScriptedModemOptions, type ScriptedRadio } from "./scripted-modem.ts";

const makers = {
  "quectel-ec2x": { manufacturer: "Quectel", model: "EC20F", firmware: "EC20CEHDLGR06A07M1G" },
  "simcom-sim7600": { manufacturer: "SIMCOM INCORPORATED", model: "SIMCOM_SIM7600CE", firmware: "LE20B05SIM7600CE" },
  "huawei-e": { manufacturer: "huawei", model: "E1750", firmware: "11.126.13.00.00" },
};

/** The digit that makes a number pass Luhn's test, which IMEIs and ICCIDs end with. */
function checkDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}

let made = 0;

/** A modem with an identity of its own that is plugged in and joined to its network. Disposing takes it away with its processes. */
export async function openScriptedModem(options: ScriptedModemOptions): Promise<ScriptedModem> {
  const serial = String(++made).padStart(6, "0");
  const profile = options.profile ?? "quectel-ec2x";
  const imei = `86012304${serial}`;
  const iccid = `898600123456${serial}`;
  const identity: ScriptedIdentity = {
    ...makers[profile],
    imei: `${imei}${checkDigit(imei)}`,
    iccid: `${iccid}${checkDigit(iccid)}`,
    imsi: `460001234${serial}`,
    number: `13900${serial}`,
    ...options.identity,
  };
  const radio: ScriptedRadio = {
    sim: "READY",
    pin: "1234",
    pinAttempts: 3,
    registration: 1,
    csq: 21,
    operator: "CHINA MOBILE",
    technology: 7,
    ...options.radio,
  };
  const modem = new ScriptedModem(options, identity, radio);
  for (const plugin of options.plugins ?? standardPlugins) plugin(modem);
  options.network?.join(modem);
  await modem.plug();
  return modem;
}
