import type { Clock, Log } from "@sitebox/core/kernel";
import type { ByteStream, DialOptions, DialOutcome, HangupCause, Leg, LineDeps } from "../../line/index.ts";
import type { Modem } from "../modem/index.ts";
import { CallCommands } from "./call-commands.ts";
import { CallInHand } from "./call-in-hand.ts";
import { CallList } from "./call-list.ts";
import type { CallEffect, CallEvent, CallState, CallTimer } from "./call-state.ts";
import { step } from "./machine.ts";
import { ModemLeg } from "./modem-leg.ts";
import { parseNotice } from "./notices.ts";

/** How long a new call waits for the end of the one before, and closing for that of the last. */
const ENDING_MS = 8_000;

export interface ModemCallsDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** The line's configured name. */
  readonly line: string;
  /** The number of the SIM. */
  readonly number: string;
  readonly onTraffic?: LineDeps["onTraffic"];
  /** Told how many calls the modem has: none or one. */
  readonly onCallsChanged: (calls: number) => void;
  /**
   * A second call waits. True where whoever has the first one ends it for the second, which then comes in; otherwise the second is told that we are
   * busy. Asked again and again while it waits.
   */
  readonly callWaits?: (() => boolean) | undefined;
  /** Takes a call that comes in. */
  readonly incoming: (leg: Leg) => void;
}

/** The calls of one modem until it is lost: one at a time. */
export interface ModemCalls extends AsyncDisposable {
  dial(number: string, options: DialOptions): Promise<DialOutcome>;
  readonly calls: number;
}

class Calls implements ModemCalls {
  readonly #modem: Modem;
  readonly #deps: ModemCallsDeps;
  readonly #commands: CallCommands;
  readonly #list: CallList;
  readonly #startedAt: number;
  #state: CallState = { state: "idle" };
  #call: CallInHand | undefined;
  #count = 0;
  readonly #events: CallEvent[] = [];
  #stepping = false;
  /** Orders to the modem, one after the other. */
  #orders: Promise<void> = Promise.resolve();
  readonly #timers = new Map<CallTimer, Disposable>();
  readonly #idleWaiters = new Set<() => void>();
  #unsolicited: Disposable | undefined;
  #closing = false;
  #over = false;

  constructor(modem: Modem, deps: ModemCallsDeps) {
    const { clock, log } = deps;
    this.#modem = modem;
    this.#deps = deps;
    this.#commands = new CallCommands({ modem, clock, log });
    this.#list = new CallList(modem.at, clock, (event) => this.#happened(event));
    this.#startedAt = Math.floor(clock.now() / 1_000);
  }

  start(): void {
    this.#unsolicited = this.#modem.at.onUnsolicited((line) => this.#said(line));
    this.#modem.over.addEventListener("abort", this.#lost);
    if (this.#modem.over.aborted) this.#lost();
    else this.#list.ask();
  }

  get calls(): number {
    return this.#state.state === "idle" ? 0 : 1;
  }

  async dial(number: string, { signal, onProgress }: DialOptions): Promise<DialOutcome> {
    if (signal.aborted) return { type: "no-answer" };
    // Nothing but a number: behind * and # the network takes orders, such as to hide the caller's number or to forward all calls.
    if (!/^\+?\d{1,25}$/.test(number)) return { type: "unreachable", reason: "not a telephone number" };
    if (!this.#modem.openAudio) return { type: "unreachable", reason: "the modem has no port for sound" };
    if (this.#state.state === "ending") await this.#idle(signal);
    if (signal.aborted) return { type: "no-answer" };
    if (this.#over || this.#closing) return { type: "unreachable", reason: "the modem is gone" };
    if (this.#state.state !== "idle") return { type: "unreachable", reason: "the modem is in a call" };
    const leg = this.#newLeg(this.#modem.openAudio, { remote: number, dialled: number });
    const call = new CallInHand({ leg, commands: this.#commands, log: this.#deps.log, onProgress });
    this.#call = call;
    const giveUp = () => void this.#hangUp(leg, "no-answer");
    signal.addEventListener("abort", giveUp, { once: true });
    this.#happened({ type: "dial" });
    const outcome = await call.outcome;
    signal.removeEventListener("abort", giveUp);
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    if (!this.#over) {
      this.#happened({ type: "hang-up", cause: "normal" });
      await this.#idle();
    }
    this.#finish("normal");
    await this.#orders;
  }

  readonly #lost = () => this.#finish("failed");

  #finish(cause: HangupCause): void {
    if (this.#over) return;
    this.#over = true;
    this.#modem.over.removeEventListener("abort", this.#lost);
    this.#unsolicited?.[Symbol.dispose]();
    this.#list[Symbol.dispose]();
    this.#happened({ type: "over", cause });
  }

  /** Waits until the modem has no call, though not forever. */
  async #idle(signal?: AbortSignal): Promise<void> {
    if (this.#state.state === "idle") return;
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = this.#deps.clock.after(ENDING_MS, resolve);
    const giveUp = () => resolve();
    signal?.addEventListener("abort", giveUp);
    this.#idleWaiters.add(resolve);
    await promise;
    this.#idleWaiters.delete(resolve);
    signal?.removeEventListener("abort", giveUp);
  }

  #newLeg(openAudio: () => Promise<ByteStream>, numbers: { readonly remote: string; readonly dialled: string }): ModemLeg {
    const { clock, log, line, onTraffic } = this.#deps;
    this.#count += 1;
    const leg: ModemLeg = new ModemLeg({
      ...numbers,
      modem: this.#modem,
      openAudio,
      clock,
      log,
      onTraffic,
      line,
      wireId: `${line}-${this.#startedAt}-${this.#count}`,
      answer: () => this.#answer(leg),
      hangUp: (cause) => this.#hangUp(leg, cause),
      onLost: () => void this.#hangUp(leg, "failed"),
    });
    return leg;
  }

  async #answer(leg: ModemLeg): Promise<void> {
    const call = this.#call;
    if (call?.leg !== leg) return;
    this.#happened({ type: "answer" });
    await Promise.race([call.up, leg.ended]);
  }

  async #hangUp(leg: ModemLeg, cause: HangupCause): Promise<void> {
    if (this.#call?.leg === leg) this.#happened({ type: "hang-up", cause });
    await leg.ended;
  }

  /** A line that the modem said by itself. */
  #said(line: string): void {
    const { moved, key } = this.#modem.profile.voice;
    const pressed = key?.exec(line)?.[1];
    const notice = parseNotice(line);
    if (pressed !== undefined) this.#call?.leg.hearKey(pressed);
    else if (notice) this.#happened(notice);
    else if (moved.test(line) || line.startsWith("+CLCC:")) this.#list.ask();
  }

  #happened(event: CallEvent): void {
    this.#events.push(event);
    if (this.#stepping) return;
    this.#stepping = true;
    for (let one = this.#events.shift(); one; one = this.#events.shift()) this.#step(one);
    this.#stepping = false;
  }

  #step(event: CallEvent): void {
    const before = this.calls;
    const { next, effects } = step(this.#state, event);
    this.#state = next;
    for (const effect of effects) this.#guarded(() => this.#perform(effect));
    if (this.calls !== before) this.#guarded(() => this.#deps.onCallsChanged(this.calls));
    if (this.calls === 0) for (const wake of this.#idleWaiters) wake();
  }

  /** Whoever listens must not stop the call's course. */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (err) {
      this.#deps.log.error("a listener to a modem's calls failed", { line: this.#deps.line, err });
    }
  }

  #perform(effect: CallEffect): void {
    switch (effect.type) {
      case "ask":
        if (effect.soon) this.#list.askSoon();
        else this.#list.ask();
        break;
      case "set-timer":
        this.#setTimer(effect.timer, effect.ms);
        break;
      case "clear-timer":
        this.#timers.get(effect.timer)?.[Symbol.dispose]();
        break;
      case "dial":
        this.#order((call) => call.dial());
        break;
      case "answer":
        this.#order((call) => call.answer());
        break;
      case "up":
        this.#call?.answered();
        this.#order((call) => call.open());
        break;
      case "hang-up":
        this.#orderAlways(async () => {
          await this.#commands.hangUp();
          this.#happened({ type: "hung-up" });
        });
        break;
      case "refuse-waiting":
        if (!this.#deps.callWaits?.()) this.#orderAlways(() => this.#commands.refuseWaiting());
        break;
      case "announce":
        this.#announce(effect.number);
        break;
      case "alerting":
        this.#call?.alerting();
        break;
      case "ended":
        this.#ended(effect);
        break;
    }
  }

  #setTimer(timer: CallTimer, ms: number): void {
    this.#timers.get(timer)?.[Symbol.dispose]();
    this.#timers.set(
      timer,
      this.#deps.clock.after(ms, () => this.#happened({ type: "timer", timer })),
    );
  }

  #announce(number: string): void {
    const { log, line, incoming } = this.#deps;
    if (this.#closing || !this.#modem.openAudio) {
      log.warn("a call is refused, it would have no sound", { line, closing: this.#closing });
      this.#happened({ type: "hang-up", cause: "busy" });
      return;
    }
    const leg = this.#newLeg(this.#modem.openAudio, { remote: number, dialled: this.#deps.number });
    this.#call = new CallInHand({ leg, commands: this.#commands, log });
    incoming(leg);
  }

  #ended(how: Extract<CallEffect, { type: "ended" }>): void {
    const call = this.#call;
    this.#call = undefined;
    if (!call) return;
    call.end(how);
    this.#orderAlways(() => call.release(how));
  }

  /** Gives an order about the call in hand, if it is still there when its turn comes. */
  #order(give: (call: CallInHand) => Promise<CallEvent | undefined>): void {
    const call = this.#call;
    this.#orderAlways(async () => {
      if (!call || call.leg.over.aborted) return;
      const event = await give(call);
      if (event) this.#happened(event);
    });
  }

  #orderAlways(run: () => Promise<void>): void {
    this.#orders = this.#orders.then(run);
  }
}

/** Makes and takes calls on a modem, which is watched from now on until it is lost or this is disposed, which hangs up. */
export function openModemCalls(modem: Modem, deps: ModemCallsDeps): ModemCalls {
  const calls = new Calls(modem, deps);
  calls.start();
  return calls;
}
