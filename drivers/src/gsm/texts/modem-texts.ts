import { type Clock, type Log, supervise } from "@sitebox/core/kernel";
import { type IncomingText, interruptible, type TextOutcome, type TextReport } from "../../line/index.ts";
import type { Modem } from "../modem/index.ts";
import type { StatusReport } from "../pdu/index.ts";
import { AwaitedReports } from "./awaited-reports.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import { TextStore } from "./store.ts";

/** Modems forget to tell of a text at times, so we look. */
const SWEEP_MS = 60_000;
/** After a text that was sent, a report on it that came before. */
const EARLY_REPORT_MS = 1_000;

export interface ModemTextsDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** The network is asked to tell what becomes of texts. */
  readonly deliveryReports: boolean;
  incoming(text: IncomingText): void;
  report(report: TextReport): void;
  /** Told after every look at the modem's memories of texts, so also again: whether one is nearly full. */
  nearlyFull?(is: boolean): void;
  /** Keeps what is awaited over a modem's recovery; its own where absent. */
  readonly awaited?: AwaitedReports;
}

/** Texts of one modem, from when it is set up until it is lost or this is disposed. */
export interface ModemTexts extends AsyncDisposable {
  /** Texts go one after the other, in up to ten parts. Never rejects. Aborting gives up what has not begun to go. */
  send(to: string, text: string, options: { readonly signal: AbortSignal }): Promise<TextOutcome>;
  /** Hears of every text that is told, beside `incoming`, until the result is disposed. */
  onText(listener: (text: IncomingText) => void): Disposable;
}

/**
 * Sends and takes texts by a modem (27.005 in PDU mode). A text stays in the modem until it is `stored()`; what was not is told again by the
 * next one, under the same id. It sets the modem up by itself, again and again until it can.
 */
export function openModemTexts(modem: Modem, deps: ModemTextsDeps): ModemTexts {
  return new Texts(modem, deps);
}

class Texts implements ModemTexts {
  readonly #deps: ModemTextsDeps;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  readonly #awaited: AwaitedReports;
  readonly #store: TextStore;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #ready = Promise.withResolvers<void>();
  readonly #listeners = new Set<(text: IncomingText) => void>();
  readonly #unsolicited: Disposable;
  readonly #job: Promise<void>;
  #wake = Promise.withResolvers<void>();

  constructor({ at, over }: Modem, deps: ModemTextsDeps) {
    this.#deps = deps;
    const { clock, log, deliveryReports, awaited = new AwaitedReports({ clock, log }) } = deps;
    this.#signal = AbortSignal.any([this.#closing.signal, over]);
    const signal = this.#signal;
    this.#awaited = awaited;
    this.#store = new TextStore(at, log, signal);
    this.#inbox = new Inbox(this.#store, {
      clock,
      log,
      signal,
      incoming: (text) => this.#tell(text),
      report: (report) => this.#report(report),
      nearlyFull: (is) => deps.nearlyFull?.(is),
    });
    this.#outbox = new Outbox(at, {
      clock,
      log,
      signal,
      reports: deliveryReports,
      ready: this.#ready.promise,
      sent: (to, references) => this.#sent(to, references),
    });
    this.#unsolicited = at.onUnsolicited((line) => this.#heard(line));
    this.#job = supervise("texts", () => this.#run(), { clock, log, signal });
  }

  send(to: string, text: string, { signal }: { readonly signal: AbortSignal }): Promise<TextOutcome> {
    return this.#outbox.send(to, text, signal);
  }

  onText(listener: (text: IncomingText) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new DOMException("the texts are closed", "AbortError"));
    this.#unsolicited[Symbol.dispose]();
    await this.#job;
  }

  async #run(): Promise<void> {
    try {
      await this.#store.setUp(this.#deps.deliveryReports);
    } finally {
      // Where it failed, texts that wait are answered with why.
      this.#ready.resolve();
    }
    for (;;) {
      this.#wake = Promise.withResolvers();
      await this.#inbox.sweep();
      await this.#pause();
    }
  }

  /** Until the next look is due, or the modem tells of something new. */
  async #pause(): Promise<void> {
    const timer = this.#deps.clock.after(SWEEP_MS, () => this.#wake.resolve());
    try {
      await interruptible(this.#wake.promise, this.#signal);
    } finally {
      timer[Symbol.dispose]();
    }
  }

  #heard(line: string): void {
    if (/^\+(?:CMTI|CDSI):/.test(line)) this.#wake.resolve();
    const [, hex] = /^\+(?:CMT|CDS):[^\n]*\n([0-9A-F]+)$/i.exec(line) ?? [];
    if (hex === undefined) return;
    this.#inbox.take(hex.toUpperCase()).catch((err: unknown) => {
      if (!this.#signal.aborted) this.#deps.log.warn("a text that was told at once could not be taken", { err });
    });
  }

  #tell(text: IncomingText): void {
    this.#deps.incoming(text);
    for (const listener of [...this.#listeners]) listener(text);
  }

  #report(report: StatusReport): void {
    const told = this.#awaited.take(report);
    if (told) this.#deps.report(told);
  }

  #sent(to: string, references: readonly number[]): string {
    const { reference, settled } = this.#awaited.expect(to, references);
    // Whoever sent it has to have noted its reference first.
    if (settled) this.#deps.clock.after(EARLY_REPORT_MS, () => this.#deps.report(settled));
    return reference;
  }
}
