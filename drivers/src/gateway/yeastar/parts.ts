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

interface Gathering {
  readonly first: TextPart;
  readonly parts: Map<number, Uint8Array>;
  readonly since: number;
  told: boolean;
}

/** Puts the parts of long texts together. */
export class Parts {
  readonly #gathering = new Map<string, Gathering>();

  /** The text that is whole by this part. `now`: monotonic, ms. */
  add(part: TextPart, now: number): WholeText | undefined {
    const key = `${part.port} ${part.from} ${part.id} ${part.total}`;
    const known = this.#gathering.get(key);
    const before = known?.parts.get(part.index);
    // Another content under a known number: the gateway counts anew.
    const again = known && (before ? Buffer.compare(before, part.content) === 0 : !known.told) ? known : undefined;
    const gathering = again ?? { first: part, parts: new Map(), since: now, told: false };
    this.#gathering.set(key, gathering);
    gathering.parts.set(part.index, part.content);
    if (gathering.told || gathering.parts.size < part.total) return undefined;
    gathering.told = true;
    return wholeOf(gathering);
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

/** Bytes are put together before they are read: a character may be cut. */
function wholeOf({ first, parts }: Gathering): WholeText {
  const { port, id, from, time, total } = first;
  const base = parts.has(0) ? 0 : 1;
  const missing = new TextEncoder().encode("…");
  const all = Array.from({ length: total }, (_, at) => parts.get(base + at) ?? missing);
  return { port, id, from, time, text: Buffer.concat(all).toString("utf8").replaceAll("\ufeff", "") };
}
