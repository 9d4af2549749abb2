import { type CallsConfig, ExtensionCalls } from "@sitebox/core/contract";
import type { Action } from "./decision.ts";
import type { Feature, Numbers } from "./numbers.ts";
import type { Reason } from "./reasons.ts";

const ANY_GROUP = ExtensionCalls.parse({}).pickupGroup;

/** What codes do that are dialled at an extension. */
export class Features {
  readonly #calls: CallsConfig;
  readonly #extensions: () => readonly string[];
  readonly #numbers: Numbers;

  constructor(calls: CallsConfig, extensions: () => readonly string[], numbers: Numbers) {
    this.#calls = calls;
    this.#extensions = extensions;
    this.#numbers = numbers;
  }

  /** `by` is the extension that dials. */
  action(feature: Feature, by: string, number: string, because: Reason[]): Action {
    switch (feature.type) {
      case "paging":
        return this.page(feature, by, because);
      case "slot":
        because.push({ id: "retrieve", values: { slot: feature.slot } });
        return { type: "retrieve", slot: feature.slot };
      case "pick-up":
        return this.#pickUp(feature.at, by, because);
      case "do-not-disturb":
        because.push({ id: feature.on ? "do-not-disturb-on" : "do-not-disturb-off" });
        return { type: "do-not-disturb", on: feature.on };
      case "mailbox":
        because.push({ id: "listen-mailbox" });
        return { type: "mailbox", mailbox: by };
      case "during-call":
        because.push({ id: "transfer-only", values: { number } });
        return { type: "refuse", cause: "rejected" };
    }
  }

  /** Speaks to every member's loudspeaker, but not to the speaker's own. */
  page({ group }: Extract<Feature, { type: "paging" }>, by: string | undefined, because: Reason[]): Action {
    const members = [...new Set(group.members)].filter((member) => member !== by && this.#extensions().includes(member));
    because.push({ id: members.length > 0 ? "page" : "page-empty", values: { group: group.name, members } });
    return members.length > 0 ? { type: "page", members } : { type: "refuse", cause: "unreachable" };
  }

  #pickUp(at: string | undefined, by: string, because: Reason[]): Action {
    const own = this.#pickupGroupOf(by);
    const colleagues = this.#extensions().filter((one) => one !== by && this.#pickupGroupOf(one) === own);
    const extensions = at === undefined ? colleagues : this.#membersAt(at).filter((one) => colleagues.includes(one));
    if (extensions.length === 0) {
      because.push({ id: "pick-up-nobody" });
      return { type: "refuse", cause: "rejected" };
    }
    because.push({ id: at === undefined ? "pick-up" : "pick-up-of", values: { members: extensions } });
    return { type: "pick-up", extensions };
  }

  #membersAt(number: string): readonly string[] {
    const meaning = this.#numbers.meaningOf(number);
    if (meaning.type === "extension") return [meaning.number];
    return meaning.type === "group" ? meaning.group.members : [];
  }

  #pickupGroupOf(extension: string): string {
    return this.#calls.extensions[extension]?.pickupGroup ?? ANY_GROUP;
  }
}
