import type { Leg } from "@sitebox/drivers/line";
import type { Conversation } from "./conversation/index.ts";
import type { OpenCall } from "./open-call.ts";
import type { Party } from "./party/index.ts";

/** Where each leg sits: its party, its call and the conversation it is in. Transfers and replacements find each other's legs here. */
export class Seats {
  readonly #parties = new Map<Leg, { readonly party: Party; readonly call: OpenCall }>();
  readonly #conversations = new Map<Party, Conversation>();

  get size(): number {
    return this.#parties.size + this.#conversations.size;
  }

  put(party: Party, call: OpenCall): void {
    const known = this.#parties.has(party.leg);
    this.#parties.set(party.leg, { party, call });
    if (!known)
      void party.closed.then(() => {
        this.#parties.delete(party.leg);
      });
  }

  find(leg: Leg): { readonly party: Party; readonly call: OpenCall } | undefined {
    return this.#parties.get(leg);
  }

  join(party: Party, conversation: Conversation): void {
    this.#conversations.set(party, conversation);
  }

  /** False where the party is in another conversation by now. */
  leave(party: Party, conversation: Conversation): boolean {
    return this.#conversations.get(party) === conversation && this.#conversations.delete(party);
  }

  conversationOf(party: Party): Conversation | undefined {
    return this.#conversations.get(party);
  }
}
