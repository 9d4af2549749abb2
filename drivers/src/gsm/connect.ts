import type { Clock, Log } from "@sitebox/core/kernel";
import { type ByteStream, LineError, type Traffic } from "../line/index.ts";
import { SerialError } from "../serial/index.ts";
import { traced } from "../transcript/index.ts";
import { type AtChannel, AtError, openAtChannel, withoutPins } from "./at/index.ts";
import type { ModemPorts } from "./find.ts";
import { ModemFault } from "./modem/index.ts";
import type { GsmTimes } from "./times.ts";

export interface ConnectDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly times: GsmTimes;
  readonly openSerial: (path: string) => Promise<ByteStream>;
  readonly onTraffic: ((traffic: Traffic) => void) | undefined;
  /** Aborting gives up a port that is being tried. */
  readonly signal: AbortSignal;
}

/** A modem's command port that answers. */
export interface Connection extends AsyncDisposable {
  readonly at: AtChannel;
  /** The port for sound that goes with it. */
  readonly audioPath: string | undefined;
  /** Why nothing more comes from it, once that is so. */
  readonly broken: Promise<ModemFault>;
}

/** First words of a modem that has just started, and has forgotten what it was told. */
const RESTARTED = /^(?:RDY|APP RDY|\^SYSSTART|START|\*ATREADY: ?1)$/;
/** A text that was being written when the last program ended is given up, and the rest of a line is ended. */
const CLEAR = Buffer.from("\x1b\r");

/**
 * Finds the port of a modem that answers AT, in their order. Where somebody has one of them, the others are left alone: two that speak to one
 * modem by two ports would disturb each other.
 *
 * @throws ModemFault unplugged, not-answering or failed, with what the last port said
 */
export async function connect(ports: ModemPorts, deps: ConnectDeps): Promise<Connection> {
  const faults: ModemFault[] = [];
  for (const path of ports.at) {
    deps.signal.throwIfAborted();
    try {
      return await connectTo(path, ports.audio(path), deps);
    } catch (error) {
      const fault = asFault(error);
      deps.log.info("a port does not answer AT", { path, fault: fault.fault, reason: fault.message });
      if (isInUse(fault)) throw fault;
      faults.push(fault);
    }
  }
  // A port that is there and silent says more than one that cannot be opened.
  throw (
    faults.find(({ fault }) => fault === "not-answering") ??
    faults[0] ??
    new ModemFault("the modem shows no port for commands", { fault: "not-answering" })
  );
}

async function connectTo(path: string, audioPath: string | undefined, deps: ConnectDeps): Promise<Connection> {
  const { clock, log, times, onTraffic } = deps;
  await using building = new AsyncDisposableStack();
  const opened = building.use(await deps.openSerial(path));
  let ended = false;
  const stream = traced(
    watched(opened, () => (ended = true)),
    "at",
    onTraffic,
    withoutPins(),
  );
  await stream.write(CLEAR);
  const at = building.use(openAtChannel(stream, { clock, log: log.child("at"), times }));
  const broken = Promise.withResolvers<ModemFault>();
  at.onUnsolicited((line) => {
    if (RESTARTED.test(line)) broken.resolve(new ModemFault("the modem has started anew", { fault: "not-answering" }));
  });
  void at.lost.then((reason) => broken.resolve(new ModemFault(reason, { fault: ended ? "unplugged" : "not-answering" })));
  using givenUp = new DisposableStack();
  const giveUp = () => void at[Symbol.asyncDispose]();
  deps.signal.addEventListener("abort", giveUp, { once: true });
  givenUp.defer(() => deps.signal.removeEventListener("abort", giveUp));
  deps.signal.throwIfAborted();
  // The first words after a start may be lost on the modem.
  await at.send("", { timeoutMs: times.probeMs }).catch(() => at.send("", { timeoutMs: times.probeMs }));
  const owned = building.move();
  return { at, audioPath, broken: broken.promise, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** The same stream; `onEnd` is told when nothing more comes from it. */
function watched(stream: ByteStream, onEnd: () => void): ByteStream {
  return {
    chunks: (async function* () {
      try {
        yield* stream.chunks;
      } finally {
        onEnd();
      }
    })(),
    write: (bytes) => stream.write(bytes),
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
}

const serialFault = (error: unknown) =>
  error instanceof ModemFault && error.cause instanceof SerialError ? error.cause.fault : undefined;

/** A port was not there. */
export const isMissing = (error: unknown): boolean => serialFault(error) === "missing";
/** Another line or program has the port. */
export const isInUse = (error: unknown): boolean => serialFault(error) === "in-use";

/** Whatever went wrong with a modem, as why its line is down. */
export function asFault(error: unknown): ModemFault {
  if (error instanceof ModemFault) return error;
  if (error instanceof AtError) {
    const silent = error.final === "timeout" || error.final === "gone";
    return new ModemFault(silent ? "the modem does not answer" : error.message, {
      fault: silent ? "not-answering" : "failed",
      cause: error,
    });
  }
  if (error instanceof SerialError)
    return new ModemFault(error.message, { fault: error.fault === "missing" ? "unplugged" : "failed", cause: error });
  if (error instanceof LineError) return new ModemFault(error.message, { fault: "unplugged", cause: error });
  return new ModemFault(error instanceof Error ? error.message : String(error), { fault: "failed", cause: error });
}
