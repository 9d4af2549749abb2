import type { OpenCall } from "../open-call.ts";
import type { Party } from "../party/index.ts";
import type { CallPlan, RingStep } from "../plan/index.ts";
import type { RecordingNotice } from "../recording-notice.ts";
import { type RingDeps, Ringing, type Ringings } from "../ring/index.ts";

export interface ErrandDeps extends RingDeps {
  readonly plan: CallPlan;
  readonly ringings: Ringings;
  readonly notice: RecordingNotice;
}

export interface ErrandRing {
  readonly listeners: readonly Party[];
  readonly callerNumber: string;
  readonly onRinging: () => void;
  readonly answered: (party: Party) => void;
  readonly unanswered: () => void;
}

/** How long the one who left is rung to take the call back. */
const RECALL_MS = 20_000;

/** Rings whom a conversation wants beside those who are in it, one at a time. */
export class Errands {
  readonly #deps: ErrandDeps;
  readonly #call: OpenCall;
  #steps: readonly RingStep[] = [];
  #ringing: Ringing | undefined;

  constructor(deps: ErrandDeps, call: OpenCall) {
    this.#deps = deps;
    this.#call = call;
  }

  /** Whom the next `ring` rings. */
  plan(steps: readonly RingStep[]): void {
    this.#steps = steps;
  }

  /** The next `ring` rings who left; nobody, where it was no extension. */
  wayBack(left: Pick<Party, "number" | "kind"> | undefined): void {
    const target = left && left.kind !== "agent" ? this.#deps.plan.targetOf(left.number, left.number) : undefined;
    this.#steps = target ? [{ targets: [target], ringMs: RECALL_MS }] : [];
  }

  /** Rings until somebody answers or all is tried; neither is told once it is stopped. */
  ring({ listeners, callerNumber, onRinging, answered, unanswered }: ErrandRing): void {
    const ringing = new Ringing(this.#deps, { call: this.#call, steps: this.#steps, callerNumber, listeners, onRinging });
    this.#ringing = ringing;
    const run = async () => {
      const rung = await this.#deps.ringings.run(ringing);
      const party = rung.type === "answered" ? rung.party : undefined;
      // Nobody hears him yet, and he nobody, while he is told of the recording.
      if (party && (await party.answer())) await this.#deps.notice.join(this.#call, party);
      if (this.#ringing !== ringing) {
        // It was stopped meanwhile; somebody else may be rung already.
        if (party) await party.hangup("normal");
        return;
      }
      this.#ringing = undefined;
      if (!party || party.over.aborted) unanswered();
      else answered(party);
    };
    this.#call.background(run());
  }

  stop(): void {
    this.#ringing?.giveUp();
    this.#ringing = undefined;
  }
}
