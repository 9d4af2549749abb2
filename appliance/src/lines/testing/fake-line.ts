import type { Balance, LineConfig } from "@sitebox/core/contract";
import { Channel } from "@sitebox/core/kernel";
import type {
  DialOptions,
  DialOutcome,
  IncomingText,
  Leg,
  Line,
  LineDeps,
  LineState,
  TextOutcome,
  TextReport,
} from "@sitebox/drivers/line";
import type { OpenLine } from "../managed-line.ts";

export interface SentText {
  readonly to: string;
  readonly text: string;
}

/** A line whose device is the test: it does what it is told and writes down what it was asked. */
export class FakeLine implements Line {
  readonly incoming = new Channel<Leg>();
  readonly texts = {
    incoming: new Channel<IncomingText>(),
    reports: new Channel<TextReport>(),
    send: (to: string, text: string): Promise<TextOutcome> => {
      this.sent.push({ to, text });
      return this.onSend({ to, text });
    },
  };
  readonly dialled: string[] = [];
  readonly sent: SentText[] = [];
  /** Ids of texts that may be deleted: they are on disk. */
  readonly storedTexts: string[] = [];
  readonly config: LineConfig;
  readonly deps: LineDeps;
  closed = false;
  askBalance?: (signal: AbortSignal) => Promise<Balance>;
  onDial: (number: string, options: DialOptions) => Promise<DialOutcome> = async () => ({ type: "no-answer" });
  onSend: (text: SentText) => Promise<TextOutcome> = async () => ({
    type: "sent",
    parts: 1,
    reference: String(this.sent.length),
  });
  readonly #listeners = new Set<(state: LineState) => void>();
  #state: LineState;

  constructor(config: LineConfig, deps: LineDeps) {
    this.config = config;
    this.deps = deps;
    this.#state = { name: config.name, state: "up", calls: 0, maxCalls: 1 };
  }

  get state(): LineState {
    return this.#state;
  }

  become(change: Partial<LineState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener(this.#state);
  }

  onChanged(listener: (state: LineState) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** A text comes in. Resolves when the box says that it is on disk. */
  receive(text: Omit<IncomingText, "stored" | "sentAt"> & { readonly sentAt?: number }): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.texts.incoming.push({
      sentAt: 0,
      ...text,
      stored: async () => {
        this.storedTexts.push(text.id);
        resolve();
      },
    });
    return promise;
  }

  async dial(number: string, options: DialOptions): Promise<DialOutcome> {
    this.dialled.push(number);
    return this.onDial(number, options);
  }

  ussd: NonNullable<Line["ussd"]> = async (code) => `answer to ${code}`;

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
    this.incoming.close();
    this.texts.incoming.close();
    this.texts.reports.close();
  }
}

/** A kind of line that opens fakes, and keeps them by name: the newest that was opened. */
export class FakeKind {
  readonly lines = new Map<string, FakeLine>();
  /** Names of lines that cannot be opened, and why. */
  readonly broken = new Map<string, string>();
  opened = 0;

  readonly open: OpenLine = async (config, deps) => {
    const why = this.broken.get(config.name);
    if (why !== undefined) throw new Error(why);
    this.opened++;
    const line = new FakeLine(config, deps);
    this.lines.set(config.name, line);
    return line;
  };

  line(name: string): FakeLine {
    const line = this.lines.get(name);
    if (!line) throw new Error(`${name} is not open`);
    return line;
  }
}
