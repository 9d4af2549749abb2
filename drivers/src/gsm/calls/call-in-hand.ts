import type { Log } from "@sitebox/core/kernel";
import type { DialOptions, DialOutcome, HangupCause } from "../../line/index.ts";
import type { CallCommands } from "./call-commands.ts";
import type { CallEffect, CallEvent } from "./call-state.ts";
import { causeOf, outcomeOf } from "./causes.ts";
import type { ModemLeg } from "./modem-leg.ts";
import type { EndHint } from "./notices.ts";

interface CallInHandDeps {
  readonly leg: ModemLeg;
  readonly commands: CallCommands;
  readonly log: Log;
  /** Only of a call that we dial. */
  readonly onProgress?: DialOptions["onProgress"] | undefined;
}

/** A modem's call from where it is known to its end: its leg, and the orders to the modem about it. They answer what came of them. */
export class CallInHand {
  readonly leg: ModemLeg;
  /** Resolves when sound can flow both ways. */
  readonly up: Promise<void>;
  readonly outcome: Promise<DialOutcome>;
  readonly #deps: CallInHandDeps;
  readonly #up = Promise.withResolvers<void>();
  readonly #outcome = Promise.withResolvers<DialOutcome>();
  /** The modem was made ready for sound: it is owed the end of that. */
  #prepared = false;
  #answered = false;

  constructor(deps: CallInHandDeps) {
    this.#deps = deps;
    this.leg = deps.leg;
    this.up = this.#up.promise;
    this.outcome = this.#outcome.promise;
  }

  alerting(): void {
    this.#deps.onProgress?.({ type: "ringing" });
  }

  /** Dials. What is heard before the answer is told of as soon as it is more than silence: a modem makes no ring-back tone where the network does not. */
  async dial(): Promise<CallEvent> {
    const { leg, commands, onProgress } = this.#deps;
    leg.whenAudible(() => {
      if (!this.#answered) onProgress?.({ type: "early-media", audio: leg.audio });
    });
    await this.#prepare();
    const opened = await this.#openPort();
    const refusal = opened ? await commands.dial(leg.remote, leg.over) : "the port for sound cannot be opened";
    return refusal === undefined ? { type: "dialled" } : { type: "not-dialled", final: refusal };
  }

  async answer(): Promise<CallEvent> {
    const { leg, commands } = this.#deps;
    await this.#prepare();
    if (!(await this.#openPort())) return { type: "hang-up", cause: "failed" };
    return { type: (await commands.answer(leg.over)) ? "answered" : "not-answered" };
  }

  /** It was answered: from here on it is a leg, whatever comes of it. */
  answered(): void {
    this.#answered = true;
  }

  /** Opens the way of the sound of an answered call. */
  async open(): Promise<CallEvent | undefined> {
    const { leg, commands, log } = this.#deps;
    if (!(await commands.openSound(leg.over))) {
      if (leg.over.aborted) return undefined;
      log.warn("the modem gives no sound, ending the call", { line: leg.line });
      return { type: "hang-up", cause: "failed" };
    }
    leg.audio.talk();
    this.#up.resolve();
    this.#outcome.resolve({ type: "answered", leg });
    return undefined;
  }

  /** It is over for its leg, and for who dialled where we ended it. */
  end({ cause, hint }: Extract<CallEffect, { type: "ended" }>): void {
    this.leg.end(cause ?? causeOf(hint));
    if (cause) this.#outcome.resolve(ownOutcome(cause));
  }

  /** Tells who dialled why it ended, and gives the modem back. */
  async release({ hint, alerted }: Extract<CallEffect, { type: "ended" }>): Promise<void> {
    const { leg, commands } = this.#deps;
    this.#outcome.resolve(this.#answered ? { type: "answered", leg } : outcomeOf(await this.#reasonOf(hint), alerted));
    if (this.#prepared) await commands.after();
  }

  /** The modem knows more of an end that it told only as such. */
  async #reasonOf(hint: EndHint | undefined): Promise<EndHint | undefined> {
    const known = hint?.cause !== undefined || hint?.word === "busy" || hint?.word === "no-answer";
    return known ? hint : ((await this.#deps.commands.report()) ?? hint);
  }

  async #prepare(): Promise<void> {
    if (this.#prepared) return;
    this.#prepared = true;
    await this.#deps.commands.before();
  }

  async #openPort(): Promise<boolean> {
    const { leg, log } = this.#deps;
    try {
      await leg.audio.open();
      return true;
    } catch (err) {
      log.warn("the port for sound cannot be opened", { line: leg.line, err });
      return false;
    }
  }
}

/** What a call that we ended ourselves means to who dialled. */
function ownOutcome(cause: HangupCause): DialOutcome {
  return cause === "failed" ? { type: "unreachable", reason: "the modem or its sound was lost" } : { type: "no-answer" };
}
