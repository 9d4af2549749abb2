import { textOfBytes } from "../answer-text.ts";

/** One event of a text that came, or of a part of it. */
export interface TextPart {
  readonly port: number;
  /** The gateway's number of the whole text. */
  readonly id: string;
  readonly from: string;
  readonly time: string;
  /** From 0 or from 1, as the firmware likes. */
  readonly index: number;
  readonly total: number;
  readonly content: Uint8Array;
}

export interface WholeText {
  readonly port: number;
  readonly id: string;
  readonly from: string;
  readonly time: string;
  readonly text: string;
}

/** What is missing by now will not come: what is there is told without it. */
const PATIENCE_MS = 1_800_000;
/** A text that was told is known again for this long: the gateway may say a part twice. */
const KNOWN_MS = 600_000;
/** No text has more parts (3GPP TS 23.040 §9.2.3.24.1). */
const MAX_PARTS = 255;

interface Gathering {
  readonly total: number;
  readonly first: TextPart;
  readonly parts: Map<number, TextPart>;
  readonly since: number;
  told: boolean;
}

/** Puts the parts of long texts together. */
export class Parts {
  readonly #gathering = new Map<string, Gathering>();

  /**
   * What is to be told now: the text that is whole by this part, after one that will never be, as the gateway has used its number again.
   * `now`: monotonic, ms.
   */
  add(part: TextPart, now: number): readonly WholeText[] {
    const total = part.total >= 1 && part.total <= MAX_PARTS ? part.total : 1;
    const key = `${part.port} ${part.from} ${part.id} ${total}`;
    const known = this.#gathering.get(key);
    const before = known?.parts.get(part.index);
    if (before && isSame(before, part)) return [];
    // Another part under a known number: the gateway counts anew.
    const again = known && !before && !known.told ? known : undefined;
    const gathering = again ?? { total, first: part, parts: new Map(), since: now, told: false };
    this.#gathering.set(key, gathering);
    gathering.parts.set(part.index, part);
    const lost = known && !again && !known.told ? [wholeOf(known)] : [];
    if (gathering.parts.size < total) return lost;
    gathering.told = true;
    return [...lost, wholeOf(gathering)];
  }

  /** Texts whose missing parts nobody waits for any longer. */
  expire(now: number): readonly WholeText[] {
    const given: WholeText[] = [];
    for (const [key, gathering] of this.#gathering) {
      if (now - gathering.since < (gathering.told ? KNOWN_MS : PATIENCE_MS)) continue;
      this.#gathering.delete(key);
      if (!gathering.told) given.push(wholeOf(gathering));
    }
    return given;
  }
}

const isSame = (one: TextPart, other: TextPart) => one.time === other.time && Buffer.compare(one.content, other.content) === 0;

/** Bytes are put together before they are read: a character may be cut. */
function wholeOf({ first, parts, total }: Gathering): WholeText {
  const { port, id, from, time } = first;
  const base = parts.has(0) || total === 1 ? Math.min(...parts.keys()) : 1;
  const all = Array.from({ length: total }, (_, at) => parts.get(base + at)?.content);
  return { port, id, from, time, text: textOfParts(all).replaceAll("\ufeff", "") };
}

function textOfParts(all: readonly (Uint8Array | undefined)[]): string {
  const runs: Uint8Array[][] = [[]];
  for (const content of all) {
    if (content) runs.at(-1)?.push(content);
    else runs.push([]);
  }
  return runs.map((run, at) => textOfBytes(at === 0 ? Buffer.concat(run) : fromACharacter(Buffer.concat(run)))).join("…");
}

/** Without the rest of a character that began in a part which is missing. */
const fromACharacter = (bytes: Uint8Array): Uint8Array => {
  const start = bytes.findIndex((byte) => (byte & 0xc0) !== 0x80);
  return start > 3 || start < 0 ? bytes : bytes.subarray(start);
};
