import { type CallsConfig, ExtensionCalls, type RingGroup } from "@sitebox/core/contract";
import type { Action, RingStep, Target } from "./decision.ts";
import type { Destinations } from "./destinations.ts";
import type { Numbers } from "./numbers.ts";
import type { Reason } from "./reasons.ts";

/** What extensions have switched at their telephone or on a page. */
export interface Switches {
  /** `followMe` is undefined where the configuration's holds. */
  of(extension: string): { readonly doNotDisturb: boolean; readonly followMe: readonly string[] | undefined };
}

export interface RingsDeps {
  readonly calls: CallsConfig;
  readonly numbers: Numbers;
  readonly destinations: Destinations;
  readonly switches: Switches;
}

/** Outside networks take their time until a telephone rings, and ring for a minute. */
const OUTSIDE_MS = 90_000;
const DEFAULTS = ExtensionCalls.parse({});

export type Ring = Extract<Action, { type: "ring" }>;

/** Whom to ring, in which order and for how long; undefined where nobody is left to be rung. */
export class Rings {
  readonly #deps: RingsDeps;
  /** The member of each group that takes turns which was rung last. */
  readonly #last = new Map<string, string>();

  constructor(deps: RingsDeps) {
    this.#deps = deps;
  }

  /** Remembers who was rung, so that the next call of the group begins behind. */
  rang(target: Target): void {
    if (target.type === "extension" && target.group !== undefined) this.#last.set(target.group, target.number);
  }

  settingsOf(extension: string): ExtensionCalls {
    return this.#deps.calls.extensions[extension] ?? DEFAULTS;
  }

  mayDial(extension: string, route: string): boolean {
    return this.settingsOf(extension).mayDial?.includes(route) ?? true;
  }

  extension(number: string, because: Reason[]): Ring | undefined {
    const { destinations, switches } = this.#deps;
    const switched = switches.of(number);
    if (switched.doNotDisturb) {
      because.push({ id: "do-not-disturb", values: { extension: number } });
      return undefined;
    }
    const { ringSeconds, followMe } = this.settingsOf(number);
    because.push({ id: "ring-extension", values: { extension: number, seconds: ringSeconds } });
    const later = (switched.followMe ?? followMe).flatMap((to) => this.#following(number, to, because));
    if (later.length > 0) because.push({ id: "follow-me", values: { numbers: later.map((target) => target.number) } });
    const steps = [{ type: "extension", number } as const, ...later].map(
      (target): RingStep => ({ targets: [target], ringMs: ringSeconds * 1_000 }),
    );
    const { whenBusy, otherwise, circle } = destinations.leaving(number);
    if (circle) because.push({ id: "circle" });
    return { type: "ring", steps, whenBusy, otherwise };
  }

  /** `caller` is the extension that calls, which is not rung itself. */
  group(group: RingGroup, caller: string | undefined, because: Reason[]): Ring | undefined {
    const { switches, destinations } = this.#deps;
    const members = [...new Set(group.members)].flatMap((number) => this.#memberOf(group, number));
    const free = members.filter(({ number }) => number !== caller && !switches.of(number).doNotDisturb);
    const leftOut = members.filter((member) => !free.includes(member)).map(({ number }) => number);
    if (leftOut.length > 0) because.push({ id: "group-left-out", values: { members: leftOut } });
    if (free.length === 0) {
      because.push({ id: "group-empty", values: { group: group.name } });
      return undefined;
    }
    const targets = group.strategy === "round-robin" ? this.#inOrder(group, free) : free;
    const values = { group: group.name, members: targets.map(({ number }) => number) };
    because.push({ id: `group-${group.strategy}`, values });
    const ringMs = group.ringSeconds * 1_000;
    const steps =
      group.strategy === "all" ? [{ targets, ringMs }] : targets.map((target): RingStep => ({ targets: [target], ringMs }));
    const { whenBusy, otherwise, circle } = destinations.leaving(group.number);
    if (circle) because.push({ id: "circle" });
    return { type: "ring", steps, whenBusy, otherwise };
  }

  /** For somebody who calls out: he hears that it is busy or that nobody answers, as on every telephone. */
  outside(number: string): Ring {
    const steps = [{ targets: [{ type: "outside", number } as const], ringMs: OUTSIDE_MS }];
    return { type: "ring", steps, whenBusy: { type: "refuse", as: "busy" }, otherwise: { type: "refuse", as: "rejected" } };
  }

  /** For an emergency number: who cannot be put through gets a person. */
  help(number: string): Ring {
    const failed = { type: "help", number } as const;
    return { ...this.outside(number), whenBusy: failed, otherwise: failed };
  }

  /** For a caller of the site whose call is passed on: in the end the assistant answers. */
  outsideOrAssistant(number: string): Ring {
    return { ...this.outside(number), whenBusy: { type: "assistant" }, otherwise: { type: "assistant" } };
  }

  #memberOf(group: RingGroup, number: string): readonly Target[] {
    const meaning = this.#deps.numbers.meaningOf(number);
    if (meaning.type === "extension") return [{ type: "extension", number: meaning.number, group: group.number }];
    return meaning.type === "outside" ? [{ type: "outside", number }] : [];
  }

  /** From the member behind the one that was rung last on, round to that one. */
  #inOrder(group: RingGroup, free: readonly Target[]): readonly Target[] {
    const last = this.#last.get(group.number);
    const place = last === undefined ? -1 : group.members.indexOf(last);
    const after = ({ number }: Target) => group.members.indexOf(number) > place;
    return [...free.filter(after), ...free.filter((member) => !after(member))];
  }

  #following(owner: string, to: string, because: Reason[]): readonly Target[] {
    const meaning = this.#deps.numbers.meaningOf(to);
    if (meaning.type === "extension" && meaning.number !== owner) {
      if (!this.#deps.switches.of(meaning.number).doNotDisturb) return [{ type: "extension", number: meaning.number }];
      because.push({ id: "follow-me-skipped", values: { number: meaning.number } });
    }
    if (meaning.type !== "outside") return [];
    if (this.mayDial(owner, meaning.route)) return [{ type: "outside", number: to }];
    because.push({ id: "follow-me-not-allowed", values: { extension: owner, number: to } });
    return [];
  }
}
