import { silentLog, systemClock } from "@sitebox/core/kernel";
import type { Leg, LineState, Trunk } from "../../line/index.ts";
import { openSipEndpoint, type SipConfigInput, type SipDeps, type SipEndpoint } from "../index.ts";
import { plainRtpPorts } from "../testing/index.ts";

/** The carrier has an address of its own, so that nothing else of the test machine passes for it. */
export const CARRIER_HOST = "127.0.0.2";

export const deps: SipDeps = { clock: systemClock, log: silentLog, rtp: plainRtpPorts(systemClock) };

/** A box of ours on 127.0.0.1. */
export const openBox = (config: SipConfigInput, more: Partial<SipDeps> = {}): Promise<SipEndpoint> =>
  openSipEndpoint({ listen: { host: "127.0.0.1", port: 0 }, serviceNumbers: ["8000"], ...config }, { ...deps, ...more });

/** Another that plays the carrier. */
export const openCarrier = (config: SipConfigInput = {}, more: Partial<SipDeps> = {}): Promise<SipEndpoint> =>
  openSipEndpoint({ listen: { host: CARRIER_HOST, port: 0 }, ...config }, { ...deps, ...more });

/** Waits until the line is in this state, and gives it. */
export async function lineIs(box: SipEndpoint, state: LineState["state"], name?: string): Promise<LineState> {
  const changed = Promise.withResolvers<LineState>();
  const look = () => {
    const found = box.lines().find((line) => line.state === state && (name === undefined || line.name === name));
    if (found) changed.resolve(found);
  };
  using _listening = box.onLineChanged(look);
  look();
  return await changed.promise;
}

/** The next call that comes in. */
export async function next(trunk: Trunk): Promise<Leg> {
  for await (const leg of trunk.incoming) return leg;
  throw new Error("closed without a call");
}

/** Gives up in time. */
export const soon = () => AbortSignal.timeout(8_000);
