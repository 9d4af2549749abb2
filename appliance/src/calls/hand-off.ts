import type { BoxPush, HandOff } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { Leg } from "@sitebox/drivers/line";
import { ringBackTone } from "../media/index.ts";
import type { HandOffOutcome } from "./assistant.ts";
import type { OpenCall } from "./open-call.ts";
import type { Party } from "./party/index.ts";
import type { Target } from "./plan/index.ts";
import type { Ringing, Rung } from "./ring/index.ts";

/** Someone who answers in a browser. */
export interface BrowserAgent {
  readonly id: string;
  /** The account that is logged in there. */
  readonly account?: string;
  push(message: BoxPush): void;
}

export interface HandOffDeps {
  readonly clock: Clock;
  readonly ringExtensions: readonly string[];
  readonly ringMs: number;
}

/** A call that wants a person. */
export interface Wanting {
  readonly call: OpenCall;
  /** Who waits; nobody where the person is rung first. */
  readonly caller?: Party;
  /** Only the pages of this account, and no telephones. */
  readonly account?: string;
  /** Nobody is wanted any more. */
  readonly signal?: AbortSignal;
  /** Rings telephones for it. */
  ring(targets: readonly Target[], ringMs: number): Ringing;
  run(ringing: Ringing): Promise<Rung>;
}

interface Offer {
  readonly handOff: HandOff;
  readonly account: string | undefined;
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
    for (const { handOff, account } of this.#offers.values()) if (isFor(agent, account)) agent.push({ type: "offer", handOff });
  }

  away(agentId: string): void {
    this.#agents.delete(agentId);
  }

  /** Whether a page of that account takes calls now. */
  isReady(account: string): boolean {
    return [...this.#agents.values()].some((agent) => agent.account === account);
  }

  /** Gives the offered call to an agent's leg. False when it is no longer to be had. */
  answer(callId: string, leg: Leg): boolean {
    return this.#offers.get(callId)?.take(leg) ?? false;
  }

  /** Rings until somebody takes it. Who took it is in the call then, and nobody hears anybody yet. */
  async run(handOff: HandOff, wanting: Wanting): Promise<HandOffOutcome> {
    const { ringExtensions, ringMs, clock } = this.#deps;
    const { call, caller, account, signal } = wanting;
    const over = new AbortController();
    const taken = Promise.withResolvers<HandOffOutcome>();
    let free = true;
    const give = (outcome: HandOffOutcome) => {
      if (free) taken.resolve(outcome);
      free = false;
    };
    const take = (leg: Leg) => {
      if (!free) return false;
      give({ type: "taken", by: "agent", party: call.open(leg, { kind: "agent", direction: "out" }) });
      return true;
    };

    this.#offers.set(handOff.callId, { handOff, account, take });
    const offered = () => [...this.#agents.values()].filter((agent) => isFor(agent, account));
    for (const agent of offered()) agent.push({ type: "offer", handOff });
    const numbers = account === undefined ? ringExtensions.filter((number) => number !== caller?.number) : [];
    const targets = numbers.map((number): Target => ({ type: "extension", number }));
    const ringing = wanting.ring(targets, ringMs);
    const telephones = (targets.length > 0 ? wanting.run(ringing) : Promise.resolve({ type: "nobody" } as const)).then((rung) => {
      if (rung.type === "answered") {
        if (free) give({ type: "taken", by: "extension", party: rung.party });
        else call.background(rung.party.hangup("normal"));
      } else if (offered().length === 0) give({ type: "nobody" });
    });
    using _deadline = clock.after(ringMs, () => give({ type: "nobody" }));
    const leave = () => give({ type: "caller-left" });
    caller?.over.addEventListener("abort", leave, { once: true });
    signal?.addEventListener("abort", leave, { once: true });
    if (caller?.over.aborted || signal?.aborted) leave();
    const tone = caller?.media.play(ringBackTone(), { signal: AbortSignal.any([over.signal, caller.over]) });

    const outcome = await taken.promise;
    over.abort();
    caller?.over.removeEventListener("abort", leave);
    signal?.removeEventListener("abort", leave);
    this.#offers.delete(handOff.callId);
    ringing.giveUp();
    const reason = outcome.type === "taken" ? "taken" : outcome.type === "caller-left" ? "caller-left" : "timed-out";
    for (const agent of offered()) agent.push({ type: "offer-withdrawn", callId: handOff.callId, reason });
    await Promise.all([tone, telephones]);
    return outcome;
  }
}

const isFor = (agent: BrowserAgent, account: string | undefined) => account === undefined || agent.account === account;
