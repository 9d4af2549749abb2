import type { BoxPush, HandOff } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { Leg, Trunk } from "@sitebox/drivers/line";
import { type Media, type MediaLeg, ringBackTone } from "../media/index.ts";
import type { HandOffOutcome } from "./assistant.ts";

/** Someone who answers in a browser. */
export interface BrowserAgent {
  readonly id: string;
  push(message: BoxPush): void;
}

export interface HandOffDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly media: Media;
  readonly extensions: Trunk;
  readonly ringExtensions: readonly string[];
  readonly ringMs: number;
}

export interface HandedCaller {
  readonly leg: Leg;
  readonly media: MediaLeg;
  /** These extensions instead of the site's; browser agents are left alone then. */
  readonly ring: readonly string[] | undefined;
  /** Told when somebody has answered, before the two are joined. */
  answered(by: "agent" | "extension"): Promise<unknown>;
}

interface Offer {
  readonly handOff: HandOff;
  readonly take: (leg: Leg) => boolean;
}

/** Rings browser agents and extensions for calls that want a person; the first to answer has it. */
export class HandOffs {
  readonly #deps: HandOffDeps;
  readonly #agents = new Map<string, BrowserAgent>();
  readonly #offers = new Map<string, Offer>();

  constructor(deps: HandOffDeps) {
    this.#deps = deps;
  }

  /** An agent wants calls; what is ringing already rings there too. */
  ready(agent: BrowserAgent): void {
    this.#agents.set(agent.id, agent);
    for (const { handOff } of this.#offers.values()) agent.push({ type: "offer", handOff });
  }

  away(agentId: string): void {
    this.#agents.delete(agentId);
  }

  /** Gives the offered call to an agent's leg. False when it is no longer to be had. */
  answer(callId: string, leg: Leg): boolean {
    return this.#offers.get(callId)?.take(leg) ?? false;
  }

  /** Rings, joins, and stays until one of the two hangs up. */
  async run(handOff: HandOff, caller: HandedCaller): Promise<HandOffOutcome> {
    const { extensions, ringExtensions, clock, log } = this.#deps;
    const over = new AbortController();
    const taken = Promise.withResolvers<{ by: "agent" | "extension"; leg: Leg } | HandOffOutcome>();
    let free = true;
    const take = (by: "agent" | "extension", leg: Leg) => {
      if (!free) return false;
      free = false;
      taken.resolve({ by, leg });
      return true;
    };
    const give = (outcome: HandOffOutcome) => {
      if (!free) return;
      free = false;
      taken.resolve(outcome);
    };

    this.#offers.set(handOff.callId, { handOff, take: (leg) => take("agent", leg) });
    if (!caller.ring) for (const agent of this.#agents.values()) agent.push({ type: "offer", handOff });
    const dialling = Promise.all(
      (caller.ring ?? ringExtensions.filter((number) => number !== caller.leg.remote)).map(async (number) => {
        const outcome = await extensions.dial(number, { signal: over.signal, callerNumber: caller.leg.remote });
        if (outcome.type === "answered" && !take("extension", outcome.leg)) await outcome.leg.hangup("normal");
      }),
    ).catch((err: unknown) => log.error("ringing an extension failed", { err }));
    // No telephone answers and no agent is there: nobody has to be waited for.
    const nobody = dialling.then(() => {
      if (this.#agents.size === 0 || caller.ring) give("nobody");
    });
    using _deadline = clock.after(this.#deps.ringMs, () => give("nobody"));
    const left = caller.leg.ended.then(() => give("caller-left"));
    const ringing = caller.media.play(ringBackTone(), { signal: over.signal });

    const answer = await taken.promise;
    over.abort();
    this.#offers.delete(handOff.callId);
    const reason = typeof answer !== "string" ? "taken" : answer === "caller-left" ? "caller-left" : "timed-out";
    for (const agent of this.#agents.values()) agent.push({ type: "offer-withdrawn", callId: handOff.callId, reason });
    await Promise.all([ringing, nobody]);
    if (typeof answer === "string") return answer;
    await caller.answered(answer.by);
    await this.#talk(caller, answer.leg);
    await left;
    return answer.by;
  }

  async #talk(caller: { readonly leg: Leg; readonly media: MediaLeg }, person: Leg): Promise<void> {
    await using media = this.#deps.media.attach(person.audio);
    await caller.media.bridge(media);
    await Promise.race([caller.leg.ended, person.ended]);
    await caller.media.unbridge();
    await Promise.all([caller.leg.hangup("normal"), person.hangup("normal")]);
  }
}
