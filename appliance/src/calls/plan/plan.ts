import type { BoxConfig } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import { type BesideSip, checkCalls, extensionsOf } from "./check.ts";
import type { Action, CallFacts, CallPlan, Decision, Ending, Target } from "./decision.ts";
import { type Destinations, readDestinations } from "./destinations.ts";
import { Features } from "./features.ts";
import { IncomingRules } from "./incoming.ts";
import type { ReasonLanguage } from "./locales/index.ts";
import { type Feature, type Meaning, type Numbers, readNumbers } from "./numbers.ts";
import { type Reason, reasonText } from "./reasons.ts";
import { Rings, type Switches } from "./rings.ts";

/** Callers that are refused and callers that always get through. */
export interface CallerLists {
  /** What the lists say of a caller (empty: withheld) now; the white list before the black one. `rule` names the entry. */
  verdictOn(caller: string): { readonly list: "white" | "black"; readonly rule: string } | undefined;
}

export interface CallPlanDeps {
  readonly clock: Clock;
  readonly lists: CallerLists;
  readonly switches: Switches;
  readonly beside?: BesideSip;
  readonly language?: ReasonLanguage;
}

export type PlanConfig = Pick<BoxConfig, "calls" | "sip" | "site">;

/** Who answers which call at this site. */
export interface SitePlan extends CallPlan {
  /** As `decide`, in words of another language; for whoever asks what would happen now. */
  explain(call: CallFacts, language: ReasonLanguage): Decision;
  /** To be told of every target that is rung: groups that take turns begin behind it next time. */
  rang(target: Target): void;
  readonly numbers: Numbers;
}

/** Reads and checks who answers which call. @throws ConfigError with all that is wrong in it */
export function openCallPlan(config: PlanConfig, deps: CallPlanDeps): SitePlan {
  checkCalls(config, deps.beside);
  return new Plan(config, deps);
}

type Origin =
  | { readonly type: "extension"; readonly number: string }
  | { readonly type: "line" | "browser" | "stranger"; readonly number: undefined };

interface Weighing {
  readonly call: CallFacts;
  readonly origin: Origin;
  readonly because: Reason[];
  /** A destination of the configuration led here, not the caller's own wish. */
  readonly configured: boolean;
}

class Plan implements SitePlan {
  readonly #deps: CallPlanDeps;
  readonly #config: PlanConfig;
  readonly #extensions: () => readonly string[];
  readonly #incoming: IncomingRules;
  readonly #destinations: Destinations;
  readonly #rings: Rings;
  readonly #features: Features;
  readonly numbers: Numbers;

  constructor(config: PlanConfig, deps: CallPlanDeps) {
    const { calls, sip, site } = config;
    const extensions = () => extensionsOf(config, deps.beside ?? {});
    const { serviceNumbers } = sip;
    const { roomExtensions } = site;
    this.#deps = deps;
    this.#config = config;
    this.#extensions = extensions;
    this.numbers = readNumbers({ calls, serviceNumbers, extensions, roomExtensions });
    this.#incoming = new IncomingRules(calls, site.timeZone);
    // Extensions that come later have no destinations of their own: the configuration names none that is not there at the start.
    this.#destinations = readDestinations(calls, extensions(), this.numbers);
    const { numbers } = this;
    this.#rings = new Rings({ calls, numbers, destinations: this.#destinations, switches: deps.switches });
    this.#features = new Features(calls, extensions, numbers);
  }

  decide(call: CallFacts): Decision {
    return this.explain(call, this.#language);
  }

  explain(call: CallFacts, language: ReasonLanguage): Decision {
    const weighing: Weighing = { call, origin: this.#originOf(call), because: [], configured: false };
    return inWords(this.#weigh(weighing), weighing.because, language);
  }

  follow(destination: Ending, call: CallFacts): Decision {
    const weighing: Weighing = { call, origin: this.#originOf(call), because: [], configured: true };
    return inWords(this.#go(destination, weighing), weighing.because, this.#language);
  }

  targetOf(number: string, by: string): Target | undefined {
    const meaning = this.numbers.meaningOf(number);
    if (meaning.type === "extension" && meaning.room === undefined) return { type: "extension", number: meaning.number };
    if (!this.#extensions().includes(by)) return undefined;
    if (meaning.type === "extension") return { type: "extension", number: meaning.number };
    if (meaning.type === "emergency") return { type: "outside", number: meaning.number };
    return meaning.type === "outside" && this.#rings.mayDial(by, meaning.route) ? { type: "outside", number } : undefined;
  }

  rang(target: Target): void {
    this.#rings.rang(target);
  }

  get #language(): ReasonLanguage {
    return this.#deps.language ?? "zh-CN";
  }

  #originOf({ line, channel, caller }: CallFacts): Origin {
    if (line !== undefined) return { type: "line", number: undefined };
    if (channel === "web-call") return { type: "browser", number: undefined };
    return this.#extensions().includes(caller) ? { type: "extension", number: caller } : { type: "stranger", number: undefined };
  }

  #weigh(weighing: Weighing): Action {
    const { call, origin, because } = weighing;
    because.push(this.#beginning(call, origin));
    // Browsers have no number to be listed by.
    if (origin.type === "line" || origin.type === "stranger") {
      const verdict = this.#deps.lists.verdictOn(call.caller);
      if (verdict) because.push({ id: verdict.list === "white" ? "whitelisted" : "blacklisted", values: { rule: verdict.rule } });
      if (verdict?.list === "black") return { type: "refuse", cause: "rejected" };
    }
    const { line } = call;
    if (line !== undefined) {
      const to = this.#incoming.destinationOf({ ...call, line }, this.#deps.clock.now(), because);
      if (to) return this.#go(to, { ...weighing, configured: true });
    }
    return this.#toNumber(call.dialled, weighing);
  }

  #beginning({ line, dialled }: CallFacts, origin: Origin): Reason {
    if (origin.type === "line") return { id: "from-line", values: { line: line ?? "", dialled } };
    if (origin.type !== "extension") return { id: `from-${origin.type}`, values: { dialled } };
    const room = this.#config.site.roomExtensions[origin.number];
    const values = { extension: origin.number, dialled };
    return room === undefined ? { id: "from-extension", values } : { id: "from-room", values: { ...values, room } };
  }

  #go(to: Ending, weighing: Weighing): Action {
    const { because } = weighing;
    switch (to.type) {
      case "assistant":
        because.push({ id: "to-assistant" });
        return { type: "assistant" };
      case "message":
        because.push(to.mailbox === undefined ? { id: "to-message" } : { id: "to-mailbox", values: { mailbox: to.mailbox } });
        return { type: "message", ...(to.mailbox !== undefined && { mailbox: to.mailbox }) };
      case "help":
        because.push({ id: "to-help", values: { number: to.number } });
        return to;
      case "refuse":
        because.push({ id: `to-${to.as}` });
        return { type: "refuse", cause: to.as };
      case "number":
        because.push({ id: "to-number", values: { number: to.number } });
        return this.#toNumber(to.number, { ...weighing, configured: true });
    }
  }

  #toNumber(number: string, weighing: Weighing): Action {
    const { because, origin } = weighing;
    const meaning = this.numbers.meaningOf(number);
    switch (meaning.type) {
      case "service":
        because.push({ id: "service-number", values: { number } });
        return { type: "assistant" };
      case "extension":
        if (meaning.room !== undefined)
          because.push({ id: "ring-room", values: { room: meaning.room, extension: meaning.number } });
        return this.#rings.extension(meaning.number, because) ?? this.#leave(meaning.number, "whenBusy", weighing);
      case "group":
        return (
          this.#rings.group(meaning.group, origin.number, because) ?? this.#leave(meaning.group.number, "otherwise", weighing)
        );
      case "emergency":
        if (origin.type === "extension" || weighing.configured) {
          because.push({ id: "emergency", values: { number: meaning.number } });
          return this.#rings.help(meaning.number);
        }
        because.push({ id: "emergency-not-ours", values: { number } });
        return this.#nobody(weighing);
      case "outside":
        return this.#outside(meaning, weighing);
      case "unknown":
        because.push({ id: "unknown-number", values: { number } });
        return this.#nobody(weighing);
      default:
        return this.#feature(meaning, number, weighing);
    }
  }

  /** A line's caller cannot work the codes of the site, but a rule may let him speak through its loudspeakers. */
  #feature(feature: Feature, number: string, weighing: Weighing): Action {
    const { origin, because } = weighing;
    if (weighing.configured && feature.type === "paging") return this.#features.page(feature, origin.number, because);
    if (origin.number !== undefined) return this.#features.action(feature, origin.number, number, because);
    because.push({ id: "inside-only", values: { number } });
    return this.#nobody(weighing);
  }

  #outside({ number, route }: Extract<Meaning, { type: "outside" }>, weighing: Weighing): Action {
    const { origin, because } = weighing;
    if (weighing.configured) {
      because.push({ id: "outside-by-route", values: { route } });
      return this.#rings.outsideOrAssistant(number);
    }
    if (origin.number === undefined) {
      because.push({ id: "outside-from-inside-only" });
      return this.#nobody(weighing);
    }
    if (!this.#rings.mayDial(origin.number, route)) {
      because.push({ id: "outside-not-allowed", values: { extension: origin.number, route } });
      return { type: "refuse", cause: "rejected" };
    }
    because.push({ id: "outside-by-route", values: { route } });
    return this.#rings.outside(number);
  }

  /** Goes where an extension's or a group's calls go that it does not take. */
  #leave(number: string, when: "whenBusy" | "otherwise", weighing: Weighing): Action {
    const leaving = this.#destinations.leaving(number);
    if (leaving.circle) weighing.because.push({ id: "circle" });
    return this.#go(leaving[when], weighing);
  }

  /** A colleague is told that there is nobody; everybody else's call is answered. */
  #nobody({ origin, configured, because }: Weighing): Action {
    if (origin.type === "extension" && !configured) return { type: "refuse", cause: "unreachable" };
    because.push({ id: "always-answered" });
    return { type: "assistant" };
  }
}

const inWords = (action: Action, because: readonly Reason[], language: ReasonLanguage): Decision => ({
  action,
  because: because.map((reason) => reasonText(reason, language)),
});
