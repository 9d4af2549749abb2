import type { GsmLine } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import { type AtChannel, AtError } from "../at/index.ts";
import { askDevice, askIccid, askImsi } from "./identity.ts";
import type { ModemIdentity, ModemProfile } from "./modem.ts";
import { ModemFault } from "./modem-fault.ts";
import { profileFor } from "./profiles.ts";
import { optional } from "./radio.ts";
import { unlockSim } from "./sim.ts";

/** What of a line's settings its modem and SIM are held to. */
export type BringUpConfig = Pick<GsmLine, "imei" | "pin" | "profile" | "sim">;

export interface BringUpDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long a SIM may be busy after its modem has started, ms. */
  readonly simWaitMs: number;
  /** Hears what is known so far, also where it ends with a fault. */
  readonly onIdentity: (identity: Partial<ModemIdentity>) => void;
}

export interface BroughtUp {
  readonly profile: ModemProfile;
  readonly identity: ModemIdentity;
}

/**
 * Makes a modem that answers ready for calls and texts: learns what it is, unlocks its SIM and sets it up. Registration is not waited for.
 *
 * @throws ModemFault where modem or SIM are not those of the line, or cannot be used
 * @throws AtError where it stops answering
 */
export async function bringUpModem(at: AtChannel, config: BringUpConfig, deps: BringUpDeps): Promise<BroughtUp> {
  await at.send("E0");
  await optional(at, "+CMEE=1");
  const device = await askDevice(at);
  const { manufacturer, model, firmware, imei } = device;
  deps.onIdentity(device);
  if (config.imei !== undefined && config.imei !== imei)
    throw new ModemFault("another modem than this line's is there; it is not used", { fault: "unplugged" });
  const profile = profileFor(config.profile, `${manufacturer} ${model} ${firmware}`);
  if (!profile)
    throw new ModemFault(`no profile fits ${manufacturer} ${model}; choose the kind of modem by hand`, { fault: "failed" });
  const bad = profile.badFirmware.find(({ matches }) => matches.test(firmware));
  if (bad) throw new ModemFault(bad.problem, { fault: "bad-firmware" });
  await unlockSim(at, { pin: config.pin, clock: deps.clock, signal: deps.signal, waitMs: deps.simWaitMs });
  const iccid = await askIccid(at);
  const imsi = await askImsi(at);
  const identity: ModemIdentity = { ...device, iccid, imsi };
  deps.onIdentity(identity);
  holdToOwner(iccid, config);
  await initialise(at, profile);
  return { profile, identity };
}

/** The law binds a number to whom it is registered to: another card than the registered one is not used. */
function holdToOwner(iccid: string | undefined, { sim }: BringUpConfig): void {
  if (sim.iccid === undefined || (iccid !== undefined && sameCard(sim.iccid, iccid))) return;
  throw new ModemFault("another SIM than the registered one is in the modem; it is not used", { fault: "other-sim" });
}

/** Some cards print, and some modems say, the serial number without its check digit. */
const sameCard = (one: string, other: string) => one.startsWith(other.slice(0, 19)) || other.startsWith(one.slice(0, 19));

async function initialise(at: AtChannel, profile: ModemProfile): Promise<void> {
  for (const { command, required } of profile.init) {
    if (!required) {
      await optional(at, command);
      continue;
    }
    try {
      await at.send(command);
    } catch (cause) {
      if (cause instanceof AtError && ["timeout", "gone"].includes(cause.final)) throw cause;
      throw new ModemFault(`the modem refuses AT${command}, without which it cannot be used`, { fault: "failed", cause });
    }
  }
}
