import { prompt, renderPrompt } from "./prompts/index.ts";
import { absorb, type Draft, draftOf, missing, named, type Request } from "./requests.ts";
import { ACT, type Analysis, analyse, type Expecting, siteIntent, understand } from "./understanding/index.ts";
import type { Vocabulary } from "./vocabulary/index.ts";

/** What somebody asks for in writing. Nothing is read back to him: what is in doubt is marked for a person to complete. */
export type Written =
  | { readonly type: "requests"; readonly drafts: readonly Draft[] }
  /** Something is wanted, but not yet known where or what. `drafts` is what could be done with it as it is. */
  | {
      readonly type: "incomplete";
      readonly missing: "place" | "item";
      /** A place that the site does not have. */
      readonly unknownPlace?: string;
      readonly place?: string;
      readonly drafts: readonly Draft[];
    }
  | { readonly type: "emergency"; readonly draft: Draft }
  /** Not understood, or nothing that becomes a request. */
  | { readonly type: "person"; readonly place?: string };

interface Reading {
  readonly requests: readonly Request[];
  readonly place?: string;
  readonly unknownPlace?: string;
  readonly doubtful: boolean;
  readonly emergency?: Analysis;
  /** It asks for something else than a repair or a delivery. */
  readonly about: boolean;
}

const nothing: Reading = { requests: [], doubtful: false, about: false };

/**
 * Reads what one person wrote, in the order of writing: an answer completes what came before it.
 * The same words mean the same as by voice, and a room has to be one of the site's.
 */
export function readWritten(texts: readonly string[], vocabulary: Vocabulary): Written {
  const reading = texts.reduce((before, text) => readOn(before, text, vocabulary), nothing);
  const { requests, place, unknownPlace, emergency } = reading;
  const where = place === undefined ? {} : { place };
  if (emergency) return { type: "emergency", draft: emergencyDraft(emergency, place, vocabulary) };
  if (reading.about) return { type: "person", ...where };
  if (requests.length === 0) {
    const asksBack = place !== undefined || unknownPlace !== undefined;
    if (!asksBack) return { type: "person" };
    return { type: "incomplete", missing: place === undefined ? "place" : "item", ...where, ...known(unknownPlace), drafts: [] };
  }
  const lacks = requests.map((request) => missing(request, vocabulary));
  const drafts = requests.map((request, i) => draftOf(request, vocabulary, reading.doubtful || lacks[i] !== undefined));
  const whatLacks = requests.some((request) => !named(request));
  if (whatLacks) return { type: "incomplete", missing: "item", ...where, drafts: [] };
  // "806 空调" says enough to go and look, whatever is wrong with it; a repairman cannot go to nowhere.
  const placeless = vocabulary.rooms.size > 0 && requests.some(({ room }) => room === undefined);
  if (placeless) return { type: "incomplete", missing: "place", ...known(unknownPlace), drafts };
  return { type: "requests", drafts };
}

const known = (unknownPlace: string | undefined) => (unknownPlace === undefined ? {} : { unknownPlace });

function readOn(before: Reading, text: string, vocabulary: Vocabulary): Reading {
  const analysis = analyse(text, vocabulary, expecting(before, vocabulary));
  const place = analysis.room ?? before.place;
  const { requests, changed } = absorb(before.requests, analysis, place, false);
  const { intents } = understand(text, vocabulary);
  const own = [siteIntent(vocabulary, "repair"), siteIntent(vocabulary, "deliver_item")];
  const asks = intents.filter(({ intent }) => own.includes(intent));
  return {
    requests,
    ...(place !== undefined && { place }),
    ...(analysis.unknownRoom !== undefined && place === undefined && { unknownPlace: analysis.unknownRoom }),
    doubtful: before.doubtful || asks.some(({ confidence }) => confidence < ACT),
    ...(analysis.emergency !== undefined && { emergency: analysis }),
    about: before.about || (asks.length === 0 && intents.length > 0 && !changed) || (asks.length === 0 && isErrand(intents)),
  };
}

/** Asking after, cancelling or complaining about something is no new request, whatever is named in it. */
const isErrand = (intents: readonly { readonly intent: string }[]): boolean =>
  intents.some(({ intent }) =>
    ["common.cancel", "common.complain", "common.urge", "common.progress", "common.faq"].includes(intent),
  );

function expecting({ requests, place }: Reading, vocabulary: Vocabulary): Expecting {
  const [request] = requests;
  if (!request) return { slot: place === undefined ? "anything" : "item" };
  if (request.room === undefined && vocabulary.rooms.size > 0) return { slot: "room" };
  return { slot: "anything" };
}

function emergencyDraft({ emergency = "" }: Analysis, place: string | undefined, { site }: Vocabulary): Draft {
  const summary =
    place === undefined
      ? prompt("summary.emergency", { what: emergency })
      : prompt("summary.emergency-room", { what: emergency, room: place });
  return {
    kind: "other",
    intent: "common.emergency",
    priority: "P0",
    summary: renderPrompt(summary, "zh-CN", site),
    incomplete: place === undefined,
    ...(place !== undefined && { place }),
  };
}
