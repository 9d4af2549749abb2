import { TicketCommand, TicketId } from "@sitebox/core/contract";
import { z } from "zod";

/** A command that waits for the box, and what became of one that the box refused. */
export const WaitingCommand = z.object({ ticketId: TicketId, number: z.string(), at: z.number(), command: TicketCommand });
export type WaitingCommand = z.infer<typeof WaitingCommand>;
export const RefusedCommand = WaitingCommand.extend({ fault: z.string() });
export type RefusedCommand = z.infer<typeof RefusedCommand>;

const Stored = z.object({ waiting: z.array(WaitingCommand), refused: z.array(RefusedCommand) });
type Stored = z.infer<typeof Stored>;

/** What became of one attempt. `later`: nobody knows whether the box has it, so the same command is sent again under its id. */
export type Sent = { readonly type: "done" } | { readonly type: "refused"; readonly fault: string } | { readonly type: "later" };

export interface OutboxDeps {
  readonly storage: Pick<Storage, "getItem" | "setItem">;
  readonly send: (waiting: WaitingCommand) => Promise<Sent>;
  readonly changed: (content: Stored) => void;
}

const KEY = "sitebox.outbox";

/**
 * The commands of a repairman who may be in a cellar. They are on storage before anything is sent, go out one at a time and in order,
 * and leave storage only when the box has answered; its `commandId` makes the repeat of an unanswered one harmless.
 */
export class Outbox {
  readonly #deps: OutboxDeps;
  #flushing: Promise<void> | undefined;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
  }

  /** Read from storage each time: another tab of the same page works on the same list. */
  get content(): Stored {
    const text = this.#deps.storage.getItem(KEY);
    const stored = text === null ? undefined : Stored.safeParse(parseJson(text));
    return stored?.data ?? { waiting: [], refused: [] };
  }

  add(entry: WaitingCommand): void {
    const { waiting, refused } = this.content;
    this.#write({ waiting: [...waiting, entry], refused });
  }

  /** Sends what waits until it is empty or the box cannot be reached. Calls while it runs join it. */
  flush(): Promise<void> {
    if (this.content.waiting.length === 0) return Promise.resolve();
    this.#flushing ??= this.#sendAll();
    return this.#flushing;
  }

  /** Takes note of a refusal that was read. */
  dismiss(commandId: string): void {
    const { waiting, refused } = this.content;
    this.#write({ waiting, refused: refused.filter(({ command }) => command.commandId !== commandId) });
  }

  async #sendAll(): Promise<void> {
    try {
      for (let head = this.content.waiting[0]; head; head = this.content.waiting[0]) {
        const sent = await this.#deps.send(head);
        if (sent.type === "later") return;
        this.#take(head, sent);
      }
    } finally {
      // Within the same tick as the last look at storage, so that a command added now is not overlooked.
      this.#flushing = undefined;
    }
  }

  #take(head: WaitingCommand, sent: Exclude<Sent, { type: "later" }>): void {
    const { waiting, refused } = this.content;
    this.#write({
      waiting: waiting.filter(({ command }) => command.commandId !== head.command.commandId),
      refused: sent.type === "refused" ? [...refused, { ...head, fault: sent.fault }] : refused,
    });
  }

  #write(content: Stored): void {
    this.#deps.storage.setItem(KEY, JSON.stringify(content));
    this.#deps.changed(content);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
