import type { Band, Understanding, UnderstoodIntent } from "@sitebox/core/contract";
import type { Vocabulary } from "../vocabulary/index.ts";
import { analyse } from "./analyse.ts";
import type { Analysis, Thing } from "./analysis.ts";

/** At and above: act. Below `ASK`: hand over to a person. */
export const ACT = 0.72;
export const ASK = 0.45;

const PREFIX = { hotel: "hotel", property: "prop", scenic: "scenic", retail: "retail" } as const;

/** The name of a site's own intent, e.g. "hotel.repair". */
export const siteIntent = (vocabulary: Vocabulary, name: "repair" | "deliver_item"): string =>
  `${PREFIX[vocabulary.site.kind]}.${name}`;

/** What a sentence asks for, with slots in the site's own words. Never throws; a sentence that asks for nothing known has no intents. */
export function understand(text: string, vocabulary: Vocabulary): Understanding {
  const analysis = analyse(text, vocabulary);
  const intents = intentsOf(analysis, vocabulary).map((intent) => ({
    ...intent,
    confidence: Math.round(intent.confidence * 100) / 100,
  }));
  return { text, intents, band: bandOf(intents, analysis) };
}

const toPerson = new Set([
  "common.urge",
  "common.progress",
  "common.cancel",
  "common.complain",
  "common.faq",
  "common.oos",
  "common.emergency",
]);

function bandOf(intents: readonly UnderstoodIntent[], analysis: Analysis): Band {
  if (intents.length === 0 || intents.some(({ intent }) => intent === "common.emergency")) return "hand-over";
  if (intents.every(({ intent }) => toPerson.has(intent))) return "hand-over";
  const least = Math.min(...intents.map(({ confidence }) => confidence));
  if (least < ASK) return "hand-over";
  return least < ACT || analysis.unknownRoom !== undefined ? "ask" : "act";
}

/** The intents of a sentence in the order they were said. */
export function intentsOf(analysis: Analysis, vocabulary: Vocabulary): UnderstoodIntent[] {
  const { acts, things, emergency, polarity, coverage } = analysis;
  const room = analysis.room === undefined ? {} : { room: analysis.room };
  if (emergency !== undefined) {
    const [at = analysis.room] = analysis.emergencyRooms ?? [];
    return [{ intent: "common.emergency", slots: { ...(at !== undefined && { room: at }), type: emergency }, confidence: 0.95 }];
  }

  const asked = things.map((thing) => intentOf(thing, analysis, vocabulary));
  const sure = asked.filter(({ confidence }) => confidence >= ACT);
  // Where somebody asks after what was asked for before, the things named are not new requests; with what is wrong now, one may be.
  if (acts.has("cancel") && sure.every(({ intent, slots }) => intent !== siteIntent(vocabulary, "repair") || !("fault" in slots)))
    return [about("cancel", analysis, 0.86)];
  if (acts.has("complain")) return [about("complain", analysis, 0.82)];
  if (acts.has("urge")) return [about("urge", analysis, 0.85)];
  if (acts.has("progress")) return [about("progress", analysis, 0.82)];
  if (acts.has("message")) return [{ intent: "common.leave_message", slots: room, confidence: 0.9 }];
  const human = acts.has("human") || analysis.department !== undefined;
  const person: UnderstoodIntent = {
    intent: "common.to_human",
    slots: { ...(analysis.department !== undefined && { department: analysis.department }) },
    confidence: acts.has("human") ? 0.93 : 0.85,
  };
  if (human && sure.length === 0) return [person];
  if (analysis.outside !== undefined && sure.length === 0) return [outside(analysis)];
  if (analysis.outside === "question" && things.every(({ kind }) => kind === "delivery")) return [outside(analysis)];
  const wanted = asked.filter(({ confidence }) => confidence >= ASK);
  if (wanted.length > 0) return human && analysis.acts.has("human") ? [...wanted, person] : wanted;
  if (coverage > 0.5) {
    if (acts.has("repeat")) return [{ intent: "common.repeat", slots: {}, confidence: 0.85 }];
    if (polarity === "yes") return [{ intent: "common.affirm", slots: room, confidence: 0.85 }];
    if (polarity === "no") return [{ intent: "common.deny", slots: room, confidence: 0.85 }];
  }
  return [];
}

const about = (act: string, { room, text }: Analysis, confidence: number): UnderstoodIntent => {
  const number = /(?<!\d)\d{4,8}(?!\d)/.exec(text)?.[0];
  return {
    intent: `common.${act}`,
    slots: { ...(room !== undefined && { room }), ...(number !== undefined && number !== room && { number }) },
    confidence,
  };
};

const outside = ({ outside: kind }: Analysis): UnderstoodIntent => ({
  intent: kind === "question" ? "common.faq" : "common.oos",
  slots: {},
  confidence: 0.8,
});

function intentOf(thing: Thing, { coverage, outside: kind }: Analysis, vocabulary: Vocabulary): UnderstoodIntent {
  const explained = 1 - 0.35 * Math.max(0, 0.6 - coverage);
  const confidence = thing.confidence * explained * (kind === undefined ? 1 : 0.92);
  const room = thing.room === undefined ? {} : { room: thing.room };
  if (thing.kind === "delivery") {
    const quantity = thing.quantity === undefined ? {} : { quantity: String(thing.quantity) };
    return { intent: siteIntent(vocabulary, "deliver_item"), slots: { ...room, item: thing.item, ...quantity }, confidence };
  }
  const [fault] = thing.faults;
  const item = thing.item === undefined ? {} : { item: thing.item };
  return {
    intent: siteIntent(vocabulary, "repair"),
    slots: { ...room, ...item, ...(fault !== undefined && { fault }) },
    confidence,
  };
}
