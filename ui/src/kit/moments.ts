import type { CallMoment } from "@sitebox/core/contract";
import { z } from "zod";

/** As much of an "understood" note as is shown; what a newer box adds is passed over. */
const Understood = z.object({
  room: z.string().optional(),
  polarity: z.string().optional(),
  things: z
    .array(z.object({ item: z.string().optional(), faults: z.array(z.string()).optional(), quantity: z.number().optional() }))
    .default([]),
});

/** A side that sends no sound: since when, and from where it should have come. */
/** A line that was dialled by, and what it said where it did not get through. */
const DialledBy = z.object({ line: z.string(), reason: z.string().optional() });
/** Somebody who was rung, and did not answer. */
const Rung = z.object({ number: z.string() });
const DIALS = ["tries a line", "dials by a line", "the line did not do"];

const Quiet = z.object({ event: z.enum(["quiet", "given-up"]), from: z.string(), since: z.string() });

export type MomentText =
  /** What somebody said, or a number: shown as it is. */
  | { readonly type: "words"; readonly text: string }
  /** A note of the box in fixed English words: the locale has the key, or the words are shown. */
  | { readonly type: "note"; readonly key: string; readonly text: string; readonly values?: Readonly<Record<string, string>> }
  | { readonly type: "silence" };

/** What a line of a call's timeline says. */
export function momentText({ type, text, data }: CallMoment): MomentText {
  if (type === "heard" && text.trim() === "") return { type: "silence" };
  if (type === "said" || type === "heard" || type === "ticket" || (type === "digits" && /\d|[*#]/.test(text)))
    return { type: "words", text };
  const quiet = Quiet.safeParse(data).data;
  if (quiet) {
    const key = quiet.event === "quiet" ? "call.note.no-rtp" : "call.note.ended-no-rtp";
    return { type: "note", key, text, values: { from: quiet.from, since: quiet.since } };
  }
  const facts = type === "decision" ? understoodFacts(data) : [];
  if (facts.length > 0) return { type: "words", text: facts.join(" ") };
  const answer = type === "decision" ? Understood.safeParse(data).data?.polarity : undefined;
  const slug = (answer === undefined ? text : `${text} ${answer}`).toLowerCase().replace(/[^a-z0-9]+/g, "-");
  const { line, reason } = DialledBy.safeParse(data).data ?? {};
  const values = { ...(line !== undefined && { line }), ...(reason !== undefined && { reason }) };
  return { type: "note", key: `call.note.${slug}`, text, ...(line !== undefined && { values }) };
}

/** The locale's word for what kind of line it is: dialling is no transfer, and what came of it no decision. */
export function momentTag({ type, text, data }: CallMoment): string {
  if (type === "said" || type === "heard") return `call.speaker.${type}`;
  const isDial = DIALS.includes(text) || (type === "transfer" && Rung.safeParse(data).success);
  return `call.moment.${isDial ? "dial" : type}`;
}

function understoodFacts(data: CallMoment["data"]): string[] {
  const understood = Understood.safeParse(data ?? {});
  if (!understood.success) return [];
  const { room, things } = understood.data;
  const said = things.flatMap(({ item, faults = [], quantity }) => [
    item,
    faults[0],
    quantity === undefined ? undefined : `× ${quantity}`,
  ]);
  return [room, ...said].filter((fact) => fact !== undefined);
}
