import type { BoxConfig, CallId, ConfiguredLine, FoundDevice, OutsideLine } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import { WebError } from "@sitebox/core/web";
import { type Line, LineError, type LineState } from "@sitebox/drivers/line";
import type { LineDesk } from "./http/index.ts";
import {
  type LineQualities,
  type LineRegistry,
  type Lines,
  lowBalanceOf,
  numbersOf,
  type SelfCalls,
  type SetUpLine,
  withoutSecrets,
} from "./lines/index.ts";

interface Deps {
  readonly clock: Clock;
  readonly config: Pick<BoxConfig, "sip" | "calls">;
  readonly lines: Lines;
  readonly registry: LineRegistry;
  readonly qualities: LineQualities;
  readonly selfCalls: Pick<SelfCalls, "of" | "call">;
  found(): readonly FoundDevice[];
  /** Calls `to` by that line alone and says a sentence. */
  testCall(line: string, to: string, by: string): Promise<CallId>;
}

/** How long a network may take over a service code. */
const USSD_MS = 60_000;
/** Operators answer by a text, within three minutes of a question that has to go out first. */
const BALANCE_MS = 240_000;

const configured = ({ origin, config }: SetUpLine): ConfiguredLine => ({
  name: config.name,
  origin,
  config: withoutSecrets(config),
});

/** Why a line could not do what it was asked: as its driver says, else by its fault, else in the words that there are. */
function refusalOf(error: LineError, { state, fault }: Pick<LineState, "state" | "fault">): WebError {
  const options = { cause: error, message: error.message };
  if (error.code !== undefined) return new WebError(error.code, undefined, options);
  if (state === "down" && fault !== undefined) return new WebError("line-down", { fault }, options);
  return new WebError("line-failed", { why: error.message }, options);
}

/** A line that could not do what it was asked is not to be had. */
async function asked<T>(clock: Clock, line: Line, withinMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  using _timer = clock.after(withinMs, () => late.abort());
  try {
    return await work(late.signal);
  } catch (error) {
    if (error instanceof LineError) throw refusalOf(error, line.state);
    // biome-ignore lint/style/useErrorCause: the cause is in the third argument
    if (late.signal.aborted) throw new WebError("network-silent", undefined, { cause: error });
    throw error;
  }
}

/** The numbers that a line owns, whichever kind it is. */
export function lineNumbers({ config, registry }: Pick<Deps, "config" | "registry">, name: string): readonly string[] {
  const setUp = registry.setUp(name);
  return setUp ? numbersOf(setUp.config) : (config.sip.trunks.find((trunk) => trunk.name === name)?.numbers ?? []);
}

/** A line as pages show it. */
export function outsideLine(
  { config, registry, qualities, selfCalls }: Pick<Deps, "config" | "registry" | "qualities" | "selfCalls">,
  state: LineState,
): OutsideLine {
  const { name } = state;
  const setUp = registry.setUp(name);
  const driver = registry.driver(name);
  const low = setUp && lowBalanceOf(setUp.config);
  const left = registry.left(name);
  const called = selfCalls.of(name);
  return {
    ...state,
    ports: state.ports && [...state.ports],
    warnings: state.warnings && [...state.warnings],
    kind: setUp?.config.kind ?? "sip",
    numbers: [...lineNumbers({ config, registry }, name)],
    can: {
      text: driver?.texts !== undefined,
      ussd: driver?.ussd !== undefined,
      balance: driver?.askBalance !== undefined,
    },
    quality: qualities.of(name),
    ...(state.balance !== undefined && low !== undefined && { lowBalance: state.balance.yuan < low }),
    ...(called.length > 0 && { selfCalls: [...called] }),
    ...(left && { left }),
  };
}

/** What people may see and do of the lines. */
export function lineDesk(deps: Deps): LineDesk {
  const { clock, config, lines, registry } = deps;
  const shown = (name: string): OutsideLine => {
    const state = lines.states().find((one) => one.name === name);
    if (!state) throw new WebError("no-such-line");
    return outsideLine(deps, state);
  };
  const opened = (name: string): Line => {
    shown(name);
    const driver = registry.driver(name);
    if (driver) return driver;
    throw registry.setUp(name) ? new WebError("line-not-open") : new WebError("line-for-calls-only");
  };
  const notOfFile = (name: string) => {
    if (config.sip.trunks.some((trunk) => trunk.name === name)) throw new WebError("line-of-file");
  };
  /** A dial plan that names a line which is not there keeps the box from starting. */
  const notRouted = (name: string) => {
    const { outgoing, incoming } = config.calls;
    const path = [
      ...outgoing.flatMap((route, i) => (route.lines?.includes(name) ? [`calls.outgoing[${i}].lines`] : [])),
      ...incoming.flatMap((rule, i) => (rule.lines?.includes(name) ? [`calls.incoming[${i}].lines`] : [])),
    ][0];
    if (path !== undefined) throw new WebError("line-in-dial-plan", { path });
  };
  return {
    list: () => lines.states().map((state) => outsideLine(deps, state)),
    configs: () => registry.setUps().map(configured),
    changes: (query) => registry.changes(query),
    add: async (line, by) => configured(await registry.add(line, by)),
    change: async (name, change, by) => {
      notOfFile(name);
      return configured(await registry.change(name, change, by));
    },
    remove: async (name, by) => {
      notOfFile(name);
      notRouted(name);
      await registry.remove(name, by);
    },
    switch: async (name, on) => {
      notOfFile(name);
      await registry.switch(name, on);
      return shown(name);
    },
    testCall: async (name, to, by) => {
      shown(name);
      if (config.calls.emergencyNumbers.includes(to)) throw new WebError("emergency-number");
      return deps.testCall(name, to, by);
    },
    ussd: async (name, code, port) => {
      const line = opened(name);
      if (!line.ussd) throw new WebError("line-without-service-codes");
      const { ussd } = line;
      return asked(clock, line, USSD_MS, (signal) => ussd.call(line, code, { signal, ...(port !== undefined && { port }) }));
    },
    askBalance: async (name) => {
      const line = opened(name);
      if (!line.askBalance) throw new WebError("line-without-balance");
      const { askBalance } = line;
      return asked(clock, line, BALANCE_MS, (signal) => askBalance.call(line, signal));
    },
    selfCall: async (name) => {
      shown(name);
      const called = await deps.selfCalls.call(name);
      if (called.type === "not-called") throw new WebError("line-not-called", { why: called.reason });
      return [...called.calls];
    },
    found: () => [...deps.found()],
    transcript: (name) => {
      shown(name);
      const text = registry.transcript(name);
      if (text === undefined) throw new WebError("no-traffic-of-carriers");
      return text;
    },
  };
}
