import { mask } from "@sitebox/core/kernel";
import type { Line, LineState } from "@sitebox/drivers/line";

/** How a line stands, to be written out: without whose numbers it has. */
export function stateTold({ state, fault, reason, radio, calls, ports }: LineState): object {
  const shown = ports?.map(({ number: _, ...port }) => port);
  return { state, fault, reason, radio, calls, ...(shown && { ports: shown }) };
}

/** Tells of the calls and texts that come, without what is in them, until the line is closed. The texts stay where they are. */
export function tellOfComing(line: Line, tell: (fact: object) => void): void {
  void read(line.incoming, ({ remote }) => tell({ call: mask(remote) }));
  if (line.texts) void read(line.texts.incoming, ({ from, text }) => tell({ text: mask(from), characters: text.length }));
}

async function read<T>(source: AsyncIterable<T>, take: (one: T) => void): Promise<void> {
  for await (const one of source) take(one);
}
