import type { GsmLine } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { OwnSim } from "../../line/index.ts";
import { type AtChannel, AtError } from "../at/index.ts";
import { askCard, askDevice, askImsi, type Card } from "./identity.ts";
import type { ModemIdentity, ModemProfile } from "./modem.ts";
import { ModemFault } from "./modem-fault.ts";
import { profileFor } from "./profiles.ts";
import { optional } from "./radio.ts";
import { unlockSim } from "./sim.ts";

/** What of a line's settings its modem and SIM are held to. */
export type BringUpConfig = Pick<GsmLine, "imei" | "pin" | "profile">;

export interface BringUpDeps {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long a SIM may be busy after its modem has started, ms. */
  readonly simWaitMs: number;
  readonly ownSim: Pick<OwnSim, "see">;
  /** Hears what is known so far, also where it ends with a fault. */
  readonly onIdentity: (identity: Partial<ModemIdentity>) => void;
}

export interface BroughtUp {
  readonly profile: ModemProfile;
  readonly identity: ModemIdentity;
  /** Undefined where the modem does not tell its SIM's serial number. */
  readonly card: Card | undefined;
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
  const card = await askCard(at);
  const imsi = await askImsi(at);
  const identity: ModemIdentity = { ...device, iccid: card?.iccid, imsi };
  deps.onIdentity(identity);
  if (!deps.ownSim.see(card?.iccid)) throw otherSim();
  await initialise(at, profile);
  return { profile, identity, card };
}

/** What is said where the SIM is not the number's own. */
export const otherSim = (): ModemFault =>
  new ModemFault("another SIM than the registered one is in the modem; it is not used", { fault: "other-sim" });

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
