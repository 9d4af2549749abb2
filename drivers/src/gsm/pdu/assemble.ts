import { createHash } from "node:crypto";
import { textOf } from "./content.ts";
import type { Deliver } from "./messages.ts";

/** A text, whole or not, with the messages that carry it. */
export interface Assembled<T> {
  readonly from: string;
  readonly text: string;
  /** Of its first part that is there; undefined where the network stated no time. */
  readonly sentAt: number | undefined;
  /** Parts that are not there. */
  readonly missing: number;
  /** Says which text it is: equal for the same parts in any order and any number of copies. */
  readonly id: string;
  /** All messages of it, copies too, as they were given. */
  readonly carriers: readonly T[];
}

export interface Carried<T> {
  readonly deliver: Deliver;
  readonly carrier: T;
}

/** Stands for parts that are not there. */
const GAP = "[…]";

interface Part<T> {
  readonly deliver: Deliver;
  readonly body: string;
  readonly carriers: T[];
}

interface Draft<T> {
  readonly total: number;
  readonly parts: Map<number, Part<T>>;
}

/** Parts with the same of this may belong together. */
function groupOf({ from, concatenation, timestamp }: Deliver): string {
  if (!concatenation) return JSON.stringify([from, timestamp]);
  const { reference, total, wide = false } = concatenation;
  return JSON.stringify([from, reference, total, wide]);
}

/** What a copy of the same message has, too. */
function bodyOf({ content, timestamp }: Deliver): string {
  return JSON.stringify([timestamp, content.alphabet === "data" ? [...content.bytes] : content]);
}

/**
 * Puts messages together, which may be in any order and there several times, from several senders at once. Where one sender uses a reference
 * again, a part goes to the first text that lacks it. Texts are in the order of their first messages.
 */
export function assemble<T>(messages: readonly Carried<T>[]): Assembled<T>[] {
  const groups = new Map<string, Draft<T>[]>();
  const drafts: Draft<T>[] = [];
  for (const { deliver, carrier } of messages) {
    const name = groupOf(deliver);
    const group = groups.get(name) ?? [];
    groups.set(name, group);
    const number = deliver.concatenation?.part ?? 1;
    const body = bodyOf(deliver);
    const copy = group.map((draft) => draft.parts.get(number)).find((part) => part?.body === body);
    if (copy) {
      copy.carriers.push(carrier);
      continue;
    }
    let draft = group.find((one) => !one.parts.has(number));
    if (!draft) {
      draft = { total: deliver.concatenation?.total ?? 1, parts: new Map() };
      group.push(draft);
      drafts.push(draft);
    }
    draft.parts.set(number, { deliver, body, carriers: [carrier] });
  }
  return drafts.map(assembled);
}

function assembled<T>({ total, parts }: Draft<T>): Assembled<T> {
  const inOrder = [...parts].sort(([one], [other]) => one - other);
  const [first] = inOrder;
  if (!first) throw new TypeError("a text has at least one part");
  const [, { deliver }] = first;
  const text = total === parts.size ? textOf(inOrder.map(([, part]) => part.deliver.content)) : textWithGaps(total, parts);
  const { from, sentAt, timestamp, concatenation } = deliver;
  const identity = JSON.stringify([from, timestamp, concatenation?.reference, total, [...inOrder.map(([part]) => part)], text]);
  return {
    from,
    text,
    sentAt,
    missing: total - parts.size,
    id: createHash("sha256").update(identity).digest("base64url").slice(0, 22),
    carriers: inOrder.flatMap(([, { carriers }]) => carriers),
  };
}

/** One mark for each run of parts that are not there. */
function textWithGaps<T>(total: number, parts: Draft<T>["parts"]): string {
  let text = "";
  let run: Deliver["content"][] = [];
  for (let number = 1; number <= total + 1; number++) {
    const content = parts.get(number)?.deliver.content;
    if (content) {
      run.push(content);
      continue;
    }
    text += textOf(run);
    run = [];
    if (number <= total && !text.endsWith(GAP)) text += GAP;
  }
  return text;
}
