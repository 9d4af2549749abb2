import type { GsmLine } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { IncomingText, Leg, LineDeps, TextReport } from "../line/index.ts";
import { type ModemCalls, openModemCalls } from "./calls/index.ts";
import type { Modem } from "./modem/index.ts";
import { type AwaitedReports, type ModemTexts, openModemTexts } from "./texts/index.ts";

export interface ServicesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly onTraffic: LineDeps["onTraffic"];
  /** Of the line, whose texts outlive its modem's recoveries. */
  readonly awaited: AwaitedReports;
  readonly callWaits?: (() => boolean) | undefined;
  onCallsChanged(calls: number): void;
  incomingCall(leg: Leg): void;
  incomingText(text: IncomingText): void;
  report(report: TextReport): void;
  /** Told again and again: whether the modem's memory of texts is nearly full. */
  textsNearlyFull(is: boolean): void;
}

/** What a modem that is up is used for. Disposing hangs up. */
export interface Services extends AsyncDisposable {
  readonly modem: Modem;
  readonly calls: ModemCalls;
  readonly texts: ModemTexts;
}

/** Puts calls and texts on a modem that is in the network. */
export function openServices(modem: Modem, config: GsmLine, deps: ServicesDeps): Services {
  const { clock, log, onTraffic, awaited } = deps;
  const calls = openModemCalls(modem, {
    clock,
    log: log.child("calls"),
    line: config.name,
    number: config.sim.number,
    onTraffic,
    callWaits: deps.callWaits,
    onCallsChanged: (count) => deps.onCallsChanged(count),
    incoming: (leg) => deps.incomingCall(leg),
  });
  const texts = openModemTexts(modem, {
    clock,
    log: log.child("texts"),
    deliveryReports: config.deliveryReports,
    awaited,
    incoming: (text) => deps.incomingText(text),
    report: (report) => deps.report(report),
    nearlyFull: (is) => deps.textsNearlyFull(is),
  });
  return {
    modem,
    calls,
    texts,
    async [Symbol.asyncDispose]() {
      await Promise.all([calls[Symbol.asyncDispose](), texts[Symbol.asyncDispose]()]);
    },
  };
}
