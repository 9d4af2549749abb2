import type { Claim, HeadquartersPush, Ticket } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { Fleet } from "../fleet/index.ts";

export interface LiveDeps {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly log: Log;
  readonly push: (message: HeadquartersPush) => void;
}

/** A page needs no more than this, and a backlog of thousands becomes a few pushes. */
const pauseMs = 200;

/** Tells open pages what changed: the latest state of each thing, at most a few times a second. */
export class Live implements AsyncDisposable {
  readonly #deps: LiveDeps;
  readonly #boxes = new Set<string>();
  readonly #tickets = new Map<string, { box: string; ticket: Ticket }>();
  #timer: Disposable | undefined;
  #telling: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(deps: LiveDeps) {
    this.#deps = deps;
  }

  boxChanged(box: string): void {
    this.#boxes.add(box);
    this.#soon();
  }

  ticketChanged(box: string, ticket: Ticket): void {
    this.#tickets.set(`${box} ${ticket.id}`, { box, ticket });
    this.boxChanged(box);
  }

  claimAsked(claim: Claim): void {
    this.#deps.push({ type: "claim", claim });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    await this.#telling;
  }

  #soon(): void {
    if (this.#timer || this.#closed) return;
    this.#timer = this.#deps.clock.after(pauseMs, () => {
      this.#telling = this.#tell().catch((err: unknown) => this.#deps.log.error("open pages could not be told", { err }));
    });
  }

  async #tell(): Promise<void> {
    const { fleet, push } = this.#deps;
    const tickets = [...this.#tickets.values()];
    const boxes = [...this.#boxes];
    this.#tickets.clear();
    this.#boxes.clear();
    this.#timer = undefined;
    for (const name of boxes) {
      const box = await fleet.box(name);
      if (!box) continue;
      for (const { ticket } of tickets.filter((changed) => changed.box === name))
        push({ type: "ticket", ticket: { ...ticket, box: name, siteName: box.siteName } });
      push({ type: "box", box });
    }
  }
}
