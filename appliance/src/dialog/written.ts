import { absorb, besides, type Draft, draftOf, emergencySummary, missing, named, type Request } from "./requests.ts";
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
  /** A call for help, first, and what else is wanted. */
  | { readonly type: "emergency"; readonly drafts: readonly Draft[] }
  /** Not understood, not certain, or nothing that becomes a request. */
  | {
      readonly type: "person";
      readonly place?: string;
      /** It takes back one thing that was asked for earlier, and says nothing else. */
      readonly cancels?: Cancels;
    };

/** What is said of a request that is to be cancelled. */
interface Cancels {
  readonly place?: string;
  readonly item?: string;
  /** Of its ticket. */
  readonly number?: string;
}

interface Reading {
  readonly requests: readonly Request[];
  readonly place?: string;
  readonly unknownPlace?: string;
  readonly doubtful: boolean;
  readonly emergency?: Analysis;
  /** It asks for something else than a repair or a delivery, or what it asks for cannot be told apart. */
  readonly about: boolean;
  readonly cancels?: Cancels;
}

const nothing: Reading = { requests: [], doubtful: false, about: false };
/** "不取消", "取消了吗", "谁取消的": something is said of cancelling, and nothing is cancelled. */
const NOT_CANCELLING = /[不别没未勿](?:想|要|用|能|需要|打算|准备)?(?:取消|撤|退|作废)|[?吗么谁被]|怎么|为啥|为什么|不是/u;
const TICKET = /(?<!\d)\d{5,8}(?!\d)/;

/**
 * Reads what one person wrote, in the order of writing: an answer completes what came before it.
 * The same words mean the same as by voice, and a room has to be one of the site's.
 */
export function readWritten(texts: readonly string[], vocabulary: Vocabulary): Written {
  const reading = texts.reduce((before, text) => readOn(before, text, vocabulary), nothing);
  const { requests, place, unknownPlace, emergency, cancels } = reading;
  const where = place === undefined ? {} : { place };
  if (emergency) {
    const others = requests.filter(named).map((request) => draftOf(request, vocabulary, true));
    return { type: "emergency", drafts: [emergencyDraft(emergency, place, vocabulary), ...others] };
  }
  if (reading.about) return { type: "person", ...where, ...(cancels && { cancels }) };
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
  const room = analysis.emergencyRooms?.[0] ?? analysis.room ?? before.place;
  // Of several rooms that cannot be told apart, none is the place.
  const place = analysis.unsurePlaces && analysis.emergency === undefined ? undefined : room;
  if (analysis.emergency !== undefined)
    return {
      ...before,
      requests: besides(before.requests, analysis),
      emergency: analysis,
      ...(place !== undefined && { place }),
    };
  const { requests, changed, tooMany } = absorb(before.requests, analysis, place, false);
  const { intents } = understand(text, vocabulary);
  const own = [siteIntent(vocabulary, "repair"), siteIntent(vocabulary, "deliver_item")];
  const asks = intents.filter(({ intent }) => own.includes(intent));
  const errand = (asks.length === 0 && intents.length > 0 && !changed) || (asks.length === 0 && isErrand(intents));
  const cancelling = analysis.acts.has("cancel");
  const cancels = cancelling && before === nothing ? cancelledBy(analysis) : undefined;
  return {
    requests,
    ...(place !== undefined && !tooMany && { place }),
    ...(analysis.unknownRoom !== undefined && place === undefined && { unknownPlace: analysis.unknownRoom }),
    // What else is spoken of, a taxi or breakfast, may be wanted, too: a person reads it.
    doubtful: before.doubtful || analysis.acts.has("topic") || asks.some(({ confidence }) => confidence < ACT),
    ...(before.emergency && { emergency: before.emergency }),
    about: before.about || errand || cancelling || analysis.unsurePlaces || tooMany,
    ...(cancels && { cancels }),
  };
}

/** What is taken back; undefined where it may be more than one thing, or something is wanted besides. */
function cancelledBy({ rooms, unknownRoom, unsurePlaces, things, item, additional, text, acts }: Analysis): Cancels | undefined {
  const written = text.normalize("NFKC");
  if (NOT_CANCELLING.test(written)) return undefined;
  const number = TICKET.exec(written)?.[0];
  const elsewhere = unknownRoom !== undefined && unknownRoom !== number;
  if (rooms.length > 1 || elsewhere || unsurePlaces || things.length > 1 || additional || acts.has("complain")) return undefined;
  const [place] = rooms;
  const [thing] = things;
  const named = thing?.item ?? item;
  return {
    ...(place !== undefined && { place }),
    ...(named !== undefined && { item: named }),
    ...(number !== undefined && number !== place && { number }),
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

function emergencyDraft(
  { emergency = "", emergencyRooms = [] }: Analysis,
  place: string | undefined,
  vocabulary: Vocabulary,
): Draft {
  const rooms = emergencyRooms.length > 1 ? emergencyRooms : place === undefined ? [] : [place];
  return {
    kind: "other",
    intent: "common.emergency",
    priority: "P0",
    summary: emergencySummary(emergency, rooms, vocabulary),
    incomplete: place === undefined,
    ...(place !== undefined && { place }),
  };
}
