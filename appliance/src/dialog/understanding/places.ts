import type { Token } from "./tokens.ts";

export type RoomToken = Token & { type: "room" };

/** Rooms that were named in one breath: "1208、1209和1210". */
interface Group {
  readonly start: number;
  readonly end: number;
  readonly rooms: readonly RoomToken[];
}

const JOINT = /^(?:,|和|跟|与|及|以及|还有|同|号?房间?|房|室|号)*$/u;
/** Before a room to which something is brought. */
const TO = /(?:到|去|给|往|至)(?:房间|房)?$/u;

const RANGE = /(\d{3,6})\s*(?:[-—–~〜]+|至|到)\s*(\d{3,6})/gu;

/** "806-810" as it was written: the rooms between are meant, too, and are not named. */
export const namesRange = (text: string, rooms: ReadonlySet<string>): boolean =>
  [...text.normalize("NFKC").matchAll(RANGE)].some(
    ([, from = "", to = ""]) => rooms.has(from) && rooms.has(to) && from !== to && !rooms.has(from + to),
  );

/** Which rooms of a sentence belong to what it asks for. */
export class Places {
  readonly #text: string;
  readonly #groups: readonly Group[];
  readonly #breaks: readonly number[];
  /** Where things and what is wrong with them are said. */
  readonly #content: readonly number[];
  /** A list of rooms stands between two things, and may belong to either. */
  readonly unsure: boolean;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#content = tokens.flatMap((token) =>
      token.type === "phrase" &&
      (token.entry.item !== undefined || token.entry.goods !== undefined || token.entry.symptom === true)
        ? [token.start]
        : [],
    );
    const breaks = tokens.flatMap((token) => (token.type === "break" ? [token.start] : []));
    const joined = groupsOf(
      text,
      tokens.filter((token) => token.type === "room"),
    );
    // "送水到806,807空调坏了": the mark that would make a list of them parts two clauses.
    const between = (group: Group) => {
      const inside = breaks.filter((at) => at >= group.start && at < group.end);
      const [first = group.end] = inside;
      const last = inside.at(-1) ?? group.start;
      const clauseFrom = breaks.findLast((at) => at < group.start) ?? -1;
      const clauseTo = breaks.find((at) => at >= group.end) ?? text.length;
      const before = this.#content.some((at) => at > clauseFrom && at < Math.min(first, group.start));
      const after = this.#content.some((at) => at >= Math.max(last, group.end) && at < clauseTo);
      return before && after;
    };
    const parted = (group: Group) => group.rooms.length === 2 && breaks.some((at) => at >= group.start && at < group.end);
    this.#groups = joined.flatMap((group) =>
      parted(group) && between(group)
        ? group.rooms.map((room) => ({ start: room.start, end: room.end, rooms: [room] }))
        : [group],
    );
    this.unsure = this.#groups.some((group) => group.rooms.length > 1 && between(group));
    this.#breaks = breaks.filter((at) => !this.#groups.some((group) => at >= group.start && at < group.end));
  }

  /** Those of the same clause first; else the last that were named before, else the first at all. */
  of(at: number): readonly RoomToken[] {
    const clause = this.#clauseOf(at);
    const near = this.#groups.filter((group) => this.#clauseOf(group.start) === clause);
    const before = near.findLast((group) => group.end <= at);
    const after = near.find((group) => group.start > at);
    if (before && after) return (this.#isFor(after, at, near) ? after : before).rooms;
    const chosen = before ?? after ?? this.#groups.findLast((group) => group.end <= at) ?? this.#groups[0];
    return chosen?.rooms ?? [];
  }

  /** Between rooms on either side: a thing belongs to the next where it is brought there, or where the clause begins with a thing. */
  #isFor(next: Group, at: number, near: readonly Group[]): boolean {
    const first = near[0]?.start ?? 0;
    const clause = this.#clauseOf(at);
    if (this.#content.some((one) => one < first && this.#clauseOf(one) === clause)) return true;
    const lastBefore = this.#content.findLast((one) => one < next.start) === at;
    return lastBefore && TO.test(this.#text.slice(0, next.start));
  }

  #clauseOf(at: number): number {
    return this.#breaks.filter((one) => one < at).length;
  }
}

function groupsOf(text: string, rooms: readonly RoomToken[]): Group[] {
  const groups: Group[] = [];
  for (const room of rooms) {
    const last = groups.at(-1);
    if (last && JOINT.test(text.slice(last.end, room.start)))
      groups.splice(-1, 1, { start: last.start, end: room.end, rooms: [...last.rooms, room] });
    else groups.push({ start: room.start, end: room.end, rooms: [room] });
  }
  return groups;
}
