import type { GsmLine } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { ByteStream, OwnSim, Radio } from "../line/index.ts";
import type { AtChannel } from "./at/index.ts";
import { asFault, type Connection } from "./connect.ts";
import {
  askCard,
  askRadio,
  askRegistration,
  bringUpModem,
  type Modem,
  ModemFault,
  type ModemIdentity,
  optional,
  otherSim,
  type Registration,
  simState,
} from "./modem/index.ts";
import type { GsmTimes } from "./times.ts";

export interface UseModemDeps {
  readonly clock: Clock;
  readonly times: GsmTimes;
  /** The line is being closed. */
  readonly signal: AbortSignal;
  readonly openSerial: (path: string) => Promise<ByteStream>;
  readonly ownSim: Pick<OwnSim, "see">;
  onIdentity(identity: Partial<ModemIdentity>): void;
  onRadio(radio: Radio): void;
  /** It cannot be used for the moment; the modem stays. */
  onDown(fault: ModemFault): void;
  /** It can be used; told again after each {@link onDown}. */
  onUp(modem: Modem): void;
  /** It is going to be lost; when the line is closed, commands still work until this resolves. */
  onOver(): Promise<void>;
}

/**
 * Sets a modem up that answers, and watches it for as long as it does.
 *
 * @throws ModemFault once it is lost or cannot be used; returns only where the line is closed
 */
export async function useModem(connection: Connection, config: GsmLine, deps: UseModemDeps): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, deps.signal]);
  const watching = watch(connection, config, { ...deps, signal }, over.signal);
  const closed = Promise.withResolvers<undefined>();
  deps.signal.addEventListener("abort", () => closed.resolve(undefined), { signal: over.signal });
  if (deps.signal.aborted) closed.resolve(undefined);
  const failed = watching.then(
    () => undefined,
    (error: unknown) => asFault(error),
  );
  const fault = await Promise.race([connection.broken, closed.promise, failed]);
  if (deps.signal.aborted) {
    // Calls are hung up first, for which the modem is still needed.
    await deps.onOver();
    over.abort();
    await connection.at[Symbol.asyncDispose]();
  } else {
    over.abort();
    await connection.at[Symbol.asyncDispose]();
    await deps.onOver();
  }
  await failed;
  if (fault && !deps.signal.aborted) throw fault;
}

async function watch({ at, audioPath }: Connection, config: GsmLine, deps: UseModemDeps, over: AbortSignal): Promise<void> {
  const { clock, times, signal, openSerial, ownSim } = deps;
  const { identity, profile, card } = await bringUpModem(at, config, {
    clock,
    signal,
    simWaitMs: times.simWaitMs,
    ownSim,
    onIdentity: (known) => deps.onIdentity(known),
  });
  const settings = await askSettings(at);
  const openAudio = audioPath === undefined ? undefined : () => openSerial(audioPath);
  const modem: Modem = { at, profile, identity, openAudio, over };
  for (;;) {
    const registration = await askRegistration(at);
    const radio = await askRadio(at, registration);
    signal.throwIfAborted();
    const fault = faultOf(registration, config.roaming);
    if (fault) deps.onDown(fault);
    else deps.onUp(modem);
    deps.onRadio(radio);
    await clock.sleep(fault ? times.searchMs : times.pollMs, signal);
    if ((await askSettings(at)) !== settings)
      throw new ModemFault("the modem has started anew and forgotten its settings", { fault: "not-answering" });
    // A SIM that was taken out, or put in its place, makes it another modem.
    const sim = await simState(at, { clock, signal, waitMs: times.simWaitMs });
    if (sim !== "READY") throw new ModemFault(`the SIM wants ${sim}`, { fault: "pin-needed" });
    const now = card && (await askCard(at, [card.toldBy]));
    if (now && !ownSim.see(now.iccid)) throw otherSim();
  }
}

/** A setting that is off after a start: not every modem says that it has started anew. */
const askSettings = async (at: AtChannel): Promise<string> => (await optional(at, "+CMEE?")).join();

function faultOf(registration: Registration, roaming: boolean): ModemFault | undefined {
  switch (registration) {
    case "home":
      return undefined;
    case "roaming":
      if (roaming) return undefined;
      return new ModemFault("the SIM is in another network than its own, and roaming is off for this line", {
        fault: "registration-denied",
      });
    case "searching":
      return new ModemFault("the modem is looking for its network", { fault: "searching" });
    case "denied":
      return new ModemFault("the network does not let the SIM in; ask its operator", { fault: "registration-denied" });
  }
}
