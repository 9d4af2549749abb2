import type { Clock, Log } from "@sitebox/core/kernel";
import type { ByteStream, LineFault } from "../line/index.ts";
import { openSerial } from "../serial/index.ts";
import type { UsbModem } from "../usb/index.ts";
import type { AtChannel } from "./at/index.ts";
import { asFault, connect, isInUse } from "./connect.ts";
import { usbPorts } from "./find.ts";
import {
  askDevice,
  askIccid,
  askOwnNumber,
  askRadio,
  askRegistration,
  type ModemProfile,
  optional,
  profileFor,
  type Registration,
  simState,
} from "./modem/index.ts";
import { type GsmTimes, usualGsmTimes } from "./times.ts";

export interface ProbeDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborting gives up; the probe rejects with its reason once the port is free. */
  readonly signal: AbortSignal;
  /** Opens a port; for recordings of one. Real ports are opened where it is absent. */
  readonly openSerial?: (path: string) => Promise<ByteStream>;
  readonly times?: Partial<GsmTimes>;
  /** The probe is over by then, with what is known. */
  readonly withinMs?: number;
}

/** What a modem says of itself that belongs to no line. Personal data. */
export interface ProbedModem {
  readonly profile: ModemProfile["name"];
  readonly model: string;
  readonly firmware?: string;
  readonly imei?: string;
  readonly iccid?: string;
  /** What the SIM says its number is: operators of China rarely write it there. */
  readonly number?: string;
  /** The network it is in. */
  readonly operator?: string;
  /** Why a line could not use it as it is. */
  readonly fault?: LineFault;
}

type Said = { -readonly [K in keyof ProbedModem]: ProbedModem[K] };

/** A modem that is not in use has nothing else to do: it answers at once, or is not ready yet. */
const probeTimes: Partial<GsmTimes> = { commandMs: 3_000, pingMs: 1_000, probeMs: 1_000, simWaitMs: 4_000 };

const faults: Readonly<Record<Registration, LineFault | undefined>> = {
  home: undefined,
  roaming: undefined,
  searching: "searching",
  denied: "registration-denied",
};

/**
 * Asks a modem that belongs to no line what it is, what SIM is in it and which network has it. Nothing is set but echo and numbered errors, and
 * no PIN is entered. Resolves within 10 s, with what was said by then; undefined where somebody else has the port.
 */
export async function probeModem(modem: UsbModem, deps: ProbeDeps): Promise<ProbedModem | undefined> {
  const { clock, log, withinMs = 10_000 } = deps;
  const late = new AbortController();
  using _timer = clock.after(withinMs, () => late.abort());
  const signal = AbortSignal.any([deps.signal, late.signal]);
  const times = { ...usualGsmTimes, ...probeTimes, ...deps.times };
  const open = deps.openSerial ?? ((path: string) => openSerial(path, { log, clock }));
  const { model, profile } = modem.fingerprint;
  const said: Said = { model, profile };
  try {
    await using connection = await connect(usbPorts(modem), {
      clock,
      log,
      times,
      openSerial: open,
      onTraffic: undefined,
      signal,
    });
    const { at } = connection;
    using stopping = new DisposableStack();
    const stop = () => void at[Symbol.asyncDispose]();
    signal.addEventListener("abort", stop, { once: true });
    stopping.defer(() => signal.removeEventListener("abort", stop));
    signal.throwIfAborted();
    await ask(at, said, { clock, signal, simWaitMs: times.simWaitMs });
  } catch (error) {
    deps.signal.throwIfAborted();
    if (isInUse(error)) return undefined;
    said.fault ??= late.signal.aborted ? "not-answering" : asFault(error).fault;
  }
  return said;
}

interface AskOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly simWaitMs: number;
}

/** Writes down what the modem says as it says it, so that what is known stays where it stops. */
async function ask(at: AtChannel, said: Said, { clock, signal, simWaitMs }: AskOptions): Promise<void> {
  await at.send("E0");
  await optional(at, "+CMEE=1");
  const { manufacturer, model, firmware, imei } = await askDevice(at);
  const profile = profileFor("auto", `${manufacturer} ${model} ${firmware}`);
  if (profile) said.profile = profile.name;
  if (model !== "") said.model = model;
  if (firmware !== "") said.firmware = firmware;
  if (imei !== "") said.imei = imei;
  if (profile?.badFirmware.some(({ matches }) => matches.test(firmware))) said.fault = "bad-firmware";
  const sim = await simState(at, { clock, signal, waitMs: simWaitMs });
  if (sim !== "READY") said.fault ??= /PUK/.test(sim) ? "puk-needed" : "pin-needed";
  const iccid = await askIccid(at);
  if (iccid !== undefined) said.iccid = iccid;
  if (sim !== "READY") return;
  const number = await askOwnNumber(at);
  if (number !== undefined) said.number = number;
  const registration = await askRegistration(at);
  const { operator } = await askRadio(at, registration);
  if (operator !== undefined) said.operator = operator;
  const fault = faults[registration];
  if (fault !== undefined) said.fault ??= fault;
}
