import type { Priority, TicketDraft } from "@sitebox/core/contract";
import type { Prompt } from "./dialog.ts";
import { dangers } from "./lexicon/index.ts";
import { type PromptId, prompt, renderPrompt } from "./prompts/index.ts";
import { type Analysis, ASK, siteIntent, type Thing } from "./understanding/index.ts";
import type { Goods, RepairItem, Vocabulary } from "./vocabulary/index.ts";

/** One thing wanted, as far as it is known. */
export type Request =
  | {
      readonly kind: "repair";
      readonly item?: string;
      readonly faults: readonly string[];
      readonly room?: string;
      readonly denials: number;
    }
  | {
      readonly kind: "delivery";
      readonly item?: string;
      readonly quantity?: number;
      /** "几条": it has to be asked how many. */
      readonly vague: boolean;
      readonly room?: string;
      readonly denials: number;
    };

export type Draft = Omit<TicketDraft, "channel" | "callId" | "callerNumber" | "audioFile">;

/** A caller who names more than this at once is better served one after the other. */
export const MOST_REQUESTS = 5;

export const emptyRequest = (kind: Request["kind"], room: string | undefined): Request => {
  const where = room === undefined ? {} : { room };
  return kind === "repair" ? { kind, faults: [], denials: 0, ...where } : { kind, vague: false, denials: 0, ...where };
};

export const itemOf = (vocabulary: Vocabulary, name: string | undefined): RepairItem | undefined =>
  vocabulary.items.find((item) => item.name === name);
export const goodsOf = (vocabulary: Vocabulary, name: string | undefined): Goods | undefined =>
  vocabulary.goods.find((goods) => goods.name === name);
export const classifierOf = (vocabulary: Vocabulary, name: string | undefined): string =>
  goodsOf(vocabulary, name)?.classifiers[0] ?? "个";

/** The next thing to ask; undefined when the request can be read back. */
export function missing(request: Request, vocabulary: Vocabulary): "item" | "fault" | "goods" | "quantity" | "room" | undefined {
  if (request.kind === "repair") {
    if (request.item === undefined) return "item";
    if (request.faults.length === 0) return "fault";
  } else {
    if (request.item === undefined) return "goods";
    if (request.quantity === undefined && request.vague) return "quantity";
    if ((request.quantity ?? 1) > (goodsOf(vocabulary, request.item)?.most ?? Number.POSITIVE_INFINITY)) return "quantity";
  }
  return request.room === undefined && vocabulary.rooms.size > 0 ? "room" : undefined;
}

/** Whether a person could do something with it. */
export const named = (request: Request): boolean =>
  request.item !== undefined || (request.kind === "repair" && request.faults.length > 0);

const filled = (request: Request, thing: Thing, replace: boolean): Request => {
  const room = thing.room === undefined ? {} : { room: thing.room };
  if (request.kind === "repair" && thing.kind === "repair") {
    const same = thing.item === request.item || request.item === undefined;
    const faults = thing.faults.length > 0 ? thing.faults : same && !replace ? request.faults : [];
    const item = thing.item ?? request.item;
    return { ...request, ...(item !== undefined && { item }), faults, ...room };
  }
  if (request.kind === "delivery" && thing.kind === "delivery") {
    const { quantity, ...rest } = request;
    const same = thing.item === request.item || request.item === undefined;
    const wanted = thing.quantity ?? (same || replace ? quantity : undefined);
    return {
      ...rest,
      item: thing.item,
      vague: thing.vague && wanted === undefined,
      ...(wanted !== undefined && { quantity: wanted }),
      ...room,
    };
  }
  return request;
};

export interface Absorbed {
  readonly requests: readonly Request[];
  /** More was wanted than is kept. */
  readonly tooMany: boolean;
  /** Something new was learned. */
  readonly changed: boolean;
  /** The request in question itself was changed. */
  readonly corrected: boolean;
}

/** What is wanted beside an emergency: what was asked for before, and what else is said. Where no room was said for it, it is the emergency's. */
export function besides(requests: readonly Request[], analysis: Analysis): readonly Request[] {
  const { emergencyRooms = [], besideEmergency = [], room: said } = analysis;
  const [room = said] = emergencyRooms;
  const all = [...requests, ...besideEmergency.map((thing) => filled(emptyRequest(thing.kind, undefined), thing, false))];
  return all.map((one) => (one.room === undefined && room !== undefined ? { ...one, room } : one));
}

const fits = (request: Request, thing: Thing): boolean =>
  request.kind === thing.kind && (request.item === undefined || request.item === thing.item);

/**
 * Puts what a sentence says into the requests. The first is the one in question: slots said alone belong to it.
 * @param correcting the caller is putting the first request right: another thing of its kind replaces it instead of being added
 */
export function absorb(
  requests: readonly Request[],
  analysis: Analysis,
  defaultRoom: string | undefined,
  correcting: boolean,
): Absorbed {
  let [current, ...others] = requests;
  const before = current;
  const extra: Request[] = [];
  /** What this sentence has spoken of: the same thing in another room is another request. */
  const told = new Set<Request>();
  const tell = (request: Request): Request => {
    told.add(request);
    return request;
  };
  const takes = (request: Request, thing: Thing): boolean =>
    fits(request, thing) && (!told.has(request) || thing.room === undefined || request.room === thing.room);
  for (const thing of analysis.things) {
    if (thing.confidence < ASK && current === undefined) continue;
    if (current && takes(current, thing)) current = tell(filled(current, thing, false));
    else if (
      current &&
      correcting &&
      !analysis.additional &&
      current.kind === thing.kind &&
      !told.has(current) &&
      extra.length === 0
    )
      current = tell(filled(current, thing, true));
    else {
      const known = others.findIndex((other) => takes(other, thing));
      if (known >= 0) others = others.map((other, index) => (index === known ? tell(filled(other, thing, false)) : other));
      else extra.push(filled(emptyRequest(thing.kind, defaultRoom), thing, false));
    }
  }
  const room = analysis.room;
  // "1209也是": the same there, too.
  if (
    current?.room !== undefined &&
    room !== undefined &&
    room !== current.room &&
    analysis.things.length === 0 &&
    analysis.additional
  )
    extra.push({ ...current, room });
  else if (current) current = lonelySlots(current, analysis, correcting);
  // A room put right is put right for everything that was wanted there.
  const moved = others.map((other) =>
    current?.room !== undefined && before?.room === other.room ? { ...other, room: current.room } : other,
  );
  const all = [...(current ? [current] : []), ...moved, ...extra];
  // A room said once holds for all that have none yet; rooms said alone are all meant.
  const rooms = analysis.things.length === 0 ? analysis.rooms : analysis.rooms.slice(-1);
  const everywhere = all.flatMap((one) =>
    one.room === undefined && rooms.length > 0 ? rooms.map((at) => ({ ...one, room: at })) : [one],
  );
  const placed = everywhere.slice(0, MOST_REQUESTS);
  return {
    requests: placed,
    tooMany: everywhere.length > placed.length,
    changed: JSON.stringify(placed) !== JSON.stringify(requests),
    corrected: JSON.stringify(placed[0]) !== JSON.stringify(before),
  };
}

function lonelySlots(request: Request, analysis: Analysis, correcting: boolean): Request {
  let next = request;
  const own = analysis.things.find((thing) => fits(request, thing));
  const room = own?.room ?? analysis.room;
  const several = request.room === undefined && analysis.rooms.length > 1;
  const alone = analysis.things.length === 0 && !several;
  if (room !== undefined && (alone || own || correcting)) next = { ...next, room };
  if (next.kind === "repair" && analysis.item !== undefined && analysis.things.length === 0) {
    next = { ...next, item: analysis.item, faults: next.item === analysis.item ? next.faults : [] };
  }
  if (next.kind === "delivery" && analysis.quantity !== undefined && analysis.things.length === 0)
    next = { ...next, quantity: analysis.quantity, vague: false };
  return next;
}

const joined = (faults: readonly string[], site: Vocabulary["site"]): string =>
  faults.join(renderPrompt(prompt("word.fault-joint"), "zh-CN", site));
const word = (id: PromptId, site: Vocabulary["site"]): string => renderPrompt(prompt(id), "zh-CN", site);

/** What is read back before anything is done. */
export function readBack(request: Request, vocabulary: Vocabulary): Prompt {
  const item = request.item ?? "";
  const room = request.room;
  if (request.kind === "repair") {
    const what = { item, fault: joined(request.faults, vocabulary.site) };
    return room === undefined ? prompt("confirm-repair-placeless", what) : prompt("confirm-repair", { ...what, room });
  }
  const what = { item, quantity: String(request.quantity ?? 1), classifier: classifierOf(vocabulary, request.item) };
  return room === undefined ? prompt("confirm-delivery-placeless", what) : prompt("confirm-delivery", { ...what, room });
}

/** One line for a list, in the site's language. */
export function summarise(request: Request, vocabulary: Vocabulary): string {
  const { site } = vocabulary;
  const item = request.item ?? word("word.unknown-item", site);
  const { room } = request;
  const line =
    request.kind === "repair"
      ? prompt(room === undefined ? "summary.repair-placeless" : "summary.repair", {
          item,
          fault: request.faults.length === 0 ? word("word.unknown-fault", site) : joined(request.faults, site),
          ...(room !== undefined && { room }),
        })
      : prompt(room === undefined ? "summary.delivery-placeless" : "summary.delivery", {
          item,
          quantity: String(request.quantity ?? 1),
          classifier: classifierOf(vocabulary, request.item),
          ...(room !== undefined && { room }),
        });
  return renderPrompt(line, "zh-CN", site);
}

/** An emergency in one line for a list. */
export function emergencySummary(what: string, rooms: readonly string[], { site }: Vocabulary): string {
  const room = rooms.join(word("word.fault-joint", site));
  const line = rooms.length === 0 ? prompt("summary.emergency", { what }) : prompt("summary.emergency-room", { what, room });
  return renderPrompt(line, "zh-CN", site).slice(0, 300);
}

/** The ticket that a request becomes. `incomplete`: the caller left before it was confirmed. */
export function draftOf(request: Request, vocabulary: Vocabulary, incomplete: boolean): Draft {
  const listed: Priority = request.kind === "repair" ? (itemOf(vocabulary, request.item)?.site?.priority ?? "P2") : "P2";
  const dangerous = request.kind === "repair" && request.faults.some((fault) => dangers.some((danger) => fault.includes(danger)));
  const priority: Priority = dangerous && listed !== "P0" ? "P1" : listed;
  return {
    kind: request.kind,
    intent: siteIntent(vocabulary, request.kind === "repair" ? "repair" : "deliver_item"),
    priority,
    ...(request.room !== undefined && { place: request.room }),
    ...(request.item !== undefined && { item: request.item }),
    ...(request.kind === "repair" && request.faults.length > 0 && { fault: joined(request.faults, vocabulary.site) }),
    ...(request.kind === "delivery" && { quantity: request.quantity ?? 1 }),
    summary: summarise(request, vocabulary),
    incomplete,
  };
}
