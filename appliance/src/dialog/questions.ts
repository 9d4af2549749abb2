import type { TurnProfile } from "../speech/index.ts";
import type { DialogEffect, KeyPlan, Prompt } from "./dialog.ts";
import { turnGrammar } from "./grammar/index.ts";
import { prompt } from "./prompts/index.ts";
import { classifierOf, goodsOf, itemOf, type Request, readBack } from "./requests.ts";
import type { Expecting } from "./understanding/index.ts";
import type { Vocabulary } from "./vocabulary/index.ts";

/** What the assistant is waiting to hear. `page` is which eight options of a key menu are offered. */
export type Question =
  | { readonly slot: "request" | "more" | "room" | "quantity" | "confirm" | "correction" }
  | { readonly slot: "item" | "fault" | "goods"; readonly page: number };

export const ask = (slot: Question["slot"]): Question =>
  slot === "item" || slot === "fault" || slot === "goods" ? { slot, page: 0 } : { slot };

/** A pause that ends the turn: a yes is over at once, digits are said with pauses (voice.md P2). */
const PROFILES: Readonly<Record<Question["slot"], TurnProfile>> = {
  request: { endpointMs: 450, maxMs: 15_000 },
  more: { endpointMs: 450, maxMs: 15_000 },
  room: { endpointMs: 600, maxMs: 10_000 },
  item: { endpointMs: 450, maxMs: 10_000 },
  fault: { endpointMs: 450, maxMs: 10_000 },
  goods: { endpointMs: 450, maxMs: 10_000 },
  quantity: { endpointMs: 450, maxMs: 8_000 },
  confirm: { endpointMs: 300, maxMs: 10_000 },
  correction: { endpointMs: 600, maxMs: 12_000 },
};
const IDLE_MS = 7_000;
const MENU_IDLE_MS = 10_000;
const BETWEEN_KEYS_MS = 2_500;
const PAGE = 8;

export interface Option {
  readonly key: string;
  readonly name: string;
}

/** The options of a key menu and whether there are more. */
export function menu(
  question: Question,
  request: Request | undefined,
  vocabulary: Vocabulary,
): { options: readonly Option[]; more: boolean } {
  if (question.slot !== "item" && question.slot !== "fault" && question.slot !== "goods") return { options: [], more: false };
  const names = namesFor(question.slot, request, vocabulary);
  const from = question.page * PAGE;
  const options = names.slice(from, from + PAGE).map((name, index) => ({ key: String(index + 1), name }));
  return { options, more: names.length > from + PAGE };
}

function namesFor(slot: "item" | "fault" | "goods", request: Request | undefined, vocabulary: Vocabulary): readonly string[] {
  if (slot === "item") return vocabulary.site.items.map(({ name }) => name);
  if (slot === "goods") return vocabulary.site.deliveries.map(({ name }) => name);
  const item = itemOf(vocabulary, request?.item);
  const own = item?.faults.filter((fault) => fault.own).map(({ name }) => name) ?? [];
  return own.length > 0 ? own : (item?.faults.slice(0, PAGE).map(({ name }) => name) ?? []);
}

export function keyPlan(question: Question, vocabulary: Vocabulary): KeyPlan {
  if (question.slot === "quantity") return { mode: "number", length: 2, betweenMs: BETWEEN_KEYS_MS };
  if (question.slot !== "room") return { mode: "single", betweenMs: BETWEEN_KEYS_MS };
  return { mode: "number", length: Math.max(1, ...[...vocabulary.rooms].map((room) => room.length)), betweenMs: BETWEEN_KEYS_MS };
}

export function expecting(question: Question, request: Request | undefined): Expecting {
  switch (question.slot) {
    case "request":
      return { slot: "anything" };
    case "more":
    case "room":
    case "item":
    case "goods":
    case "quantity":
      return { slot: question.slot };
    case "fault":
      return { slot: "fault", ...(request?.item !== undefined && { item: request.item }) };
    case "confirm":
      return { slot: "confirmation", ...(request && { kind: request.kind }) };
    case "correction":
      return { slot: "correction", ...(request && { kind: request.kind }) };
  }
}

function words(question: Question, request: Request | undefined, vocabulary: Vocabulary): Prompt {
  const item = request?.item ?? "";
  switch (question.slot) {
    case "request":
      return prompt("ask-request");
    case "more":
      return prompt("ask-more");
    case "room":
      return prompt("ask-room");
    case "item":
      return prompt("ask-item");
    case "fault":
      return prompt("ask-fault", { item });
    case "goods":
      return prompt("ask-goods");
    case "quantity": {
      const classifier = classifierOf(vocabulary, item);
      const quantity = request?.kind === "delivery" ? request.quantity : undefined;
      if (quantity === undefined) return prompt("ask-quantity", { item, classifier });
      return prompt("ask-fewer", {
        item,
        classifier,
        quantity: String(quantity),
        most: String(goodsOf(vocabulary, item)?.most ?? quantity),
      });
    }
    case "confirm":
      return request ? readBack(request, vocabulary) : prompt("ask-more");
    case "correction":
      return prompt("ask-correction");
  }
}

function keyWords(question: Question, request: Request | undefined, vocabulary: Vocabulary): Prompt[] {
  switch (question.slot) {
    case "request":
      return [prompt("ask-request-keys")];
    case "more":
      return [prompt("ask-more-keys")];
    case "room":
      return [prompt("ask-room-keys")];
    case "quantity":
      return [prompt("ask-quantity-keys")];
    case "confirm":
      return [prompt("confirm-keys")];
    case "correction":
      return [prompt("ask-correction-keys")];
    case "item":
    case "fault":
    case "goods": {
      const { options, more } = menu(question, request, vocabulary);
      return [
        ...options.map((option) => prompt("option", { name: option.name, key: option.key })),
        prompt(more ? "option-next" : "option-other"),
      ];
    }
  }
}

export interface Asking {
  readonly question: Question;
  readonly request: Request | undefined;
  readonly vocabulary: Vocabulary;
  readonly listens: boolean;
  /** The question is asked again: the keys are told too. */
  readonly again: boolean;
}

/** Asks: by voice and key, or by key alone where nothing can be understood. */
export function askEffects({ question, request, vocabulary, listens, again }: Asking, before: readonly Prompt[]): DialogEffect[] {
  const says = [...before];
  // A read-back has to be heard; an open question is of no use to somebody who can only press keys.
  if (listens || question.slot !== "request") says.push(words(question, request, vocabulary));
  if (!listens || again) says.push(...keyWords(question, request, vocabulary));
  const keys = keyPlan(question, vocabulary);
  const end: DialogEffect = listens
    ? {
        type: "listen",
        grammar: turnGrammar(vocabulary, expecting(question, request)),
        profile: PROFILES[question.slot],
        keys,
        idleMs: IDLE_MS,
      }
    : { type: "await-keys", keys, idleMs: MENU_IDLE_MS };
  return [...says.map((line): DialogEffect => ({ type: "say", prompt: line, interruptible: true })), end];
}
