import type { Clock } from "@sitebox/core/kernel";
import { type AtChannel, AtError } from "../at/index.ts";
import { ModemFault } from "./modem-fault.ts";
import { optional } from "./radio.ts";

export interface SimOptions {
  readonly pin: string | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long a SIM may be busy after its modem has started, ms. */
  readonly waitMs: number;
}

/** SIM failure, SIM busy (27.007 §9.2.1), and Quectel's "please wait": it is starting. */
const BUSY = [13, 14, 515];
const AGAIN_MS = 500;
/** With fewer attempts left the PIN is a person's matter: a third wrong one locks the SIM. */
const FEWEST_ATTEMPTS = 3;

/**
 * Waits until the SIM can be used, and enters its PIN where it wants one and all attempts are left. The PUK is never tried.
 *
 * @throws ModemFault no-sim, pin-needed, pin-refused, puk-needed
 */
export async function unlockSim(at: AtChannel, options: SimOptions): Promise<void> {
  const state = await simState(at, options);
  if (state === "READY") return;
  if (/PUK/.test(state))
    throw new ModemFault("the SIM is locked and wants its PUK; enter it in a telephone", { fault: "puk-needed" });
  if (state !== "SIM PIN") throw new ModemFault(`the SIM wants ${state}`, { fault: "pin-needed" });
  if (options.pin === undefined)
    throw new ModemFault("the SIM wants its PIN, and none is set for this line", { fault: "pin-needed" });
  const left = await attemptsLeft(at);
  if (left === undefined)
    throw new ModemFault("the modem does not tell how many attempts are left, so the PIN is not tried; enter it in a telephone", {
      fault: "pin-refused",
    });
  if (left < FEWEST_ATTEMPTS)
    throw new ModemFault(`only ${left} attempts are left, so the PIN is not tried; enter it in a telephone`, {
      fault: "pin-refused",
    });
  try {
    await at.send(`+CPIN=${options.pin}`);
  } catch (cause) {
    if (cause instanceof AtError && ["timeout", "gone"].includes(cause.final)) throw cause;
    throw new ModemFault("the SIM refuses the PIN that is set for this line", { fault: "pin-refused", cause });
  }
  const after = await simState(at, options);
  if (after !== "READY") throw new ModemFault(`after its PIN the SIM wants ${after}`, { fault: "pin-needed" });
}

/** What +CPIN? says (27.007 §8.3), once the SIM is not busy any more. */
export async function simState(at: AtChannel, { clock, signal, waitMs }: Omit<SimOptions, "pin">): Promise<string> {
  const until = clock.monotonic() + waitMs;
  for (;;) {
    try {
      const said = /^\+CPIN: ?(.+)$/.exec((await at.send("+CPIN?")).at(-1) ?? "")?.[1];
      if (said === undefined) throw new ModemFault("the modem does not say how its SIM stands", { fault: "no-sim" });
      return said.trim();
    } catch (cause) {
      if (!(cause instanceof AtError) || ["timeout", "gone"].includes(cause.final)) throw cause;
      if (!BUSY.includes(cause.code ?? -1) || clock.monotonic() >= until)
        throw new ModemFault("no SIM is in the modem, or it cannot be read", { fault: "no-sim", cause });
    }
    await clock.sleep(AGAIN_MS, signal);
  }
}

/** How makers tell the attempts that are left for the PIN: Quectel, SIMCom, Telit and others, Huawei. */
const counters: readonly (readonly [string, RegExp])[] = [
  ["+QPINC?", /^\+QPINC: ?"SC",(\d+)/],
  ["+SPIC", /^\+SPIC: ?(\d+)/],
  ["+CPINR", /^\+CPINR: ?SIM PIN,(\d+)/],
  ["^CPIN?", /^\^CPIN: ?SIM PIN,(\d+)/],
];

async function attemptsLeft(at: AtChannel): Promise<number | undefined> {
  for (const [command, pattern] of counters)
    for (const line of await optional(at, command)) {
      const left = pattern.exec(line)?.[1];
      if (left !== undefined) return Number(left);
    }
  return undefined;
}
