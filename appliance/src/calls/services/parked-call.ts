import type { Clock } from "@sitebox/core/kernel";
import type { TransferProgress } from "@sitebox/drivers/line";
import type { Pcm8k } from "../../media/index.ts";
import type { Announcer } from "../announcer.ts";
import type { OpenCall } from "../open-call.ts";
import { type Party, Wiring } from "../party/index.ts";
import type { ParkingLot } from "./parking-lot.ts";

export interface ParkedCallDeps {
  readonly clock: Clock;
  readonly announcer: Announcer;
  readonly parking: ParkingLot;
  musicOnHold(): AsyncIterable<Pcm8k>;
}

export interface Parking {
  readonly party: Party;
  readonly by: Party;
  report(progress: TransferProgress): void;
}

/** "full": there is no place, whoever parks has the call still. */
export type Parked = { readonly type: "full" | "left" | "forgotten" } | { readonly type: "taken"; readonly by: Party };

/** A parked call that nobody takes goes back after this long. */
const PARKED_MS = 90_000;

/** Parks a call: music until somebody takes it, it hangs up, or it is forgotten. Who parked it is told the place and let go. */
export async function waitParked(deps: ParkedCallDeps, call: OpenCall, { party, by, report }: Parking): Promise<Parked> {
  const { announcer, clock } = deps;
  using slot = deps.parking.park(call);
  if (!slot) {
    report("failed");
    call.timeline.add("decision", "there is no free parking place");
    await announcer.say([by], { id: "parking-full" }, call.timeline);
    return { type: "full" };
  }
  call.timeline.add("transfer", "parked", { slot: slot.number });
  call.moved("parked");
  const wiring = new Wiring({ log: call.log, hold: () => deps.musicOnHold() });
  wiring.apply({ links: [], music: [party] });
  party.leg.show?.({ state: "on-hold", parties: [slot.number] });
  by.leg.show?.({ state: "talking", parties: [slot.number] });
  const told = announcer.say([by], { id: "parked-at", params: { slot: slot.number } }, call.timeline).then(() => {
    report("answered");
    return by.hangup("normal");
  });
  call.background(told);
  const over = Promise.withResolvers<Parked>();
  using _timer = clock.after(PARKED_MS, () => over.resolve({ type: "forgotten" }));
  using _attending = party.attend({ onEnded: () => over.resolve({ type: "left" }) });
  if (party.over.aborted) over.resolve({ type: "left" });
  const parked = await Promise.race([slot.taken.then((taker): Parked => ({ type: "taken", by: taker })), over.promise]);
  await wiring.clear();
  return parked;
}
