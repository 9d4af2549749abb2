import type { Ticket, TicketDraft, TicketId } from "@sitebox/core/contract";
import type { Written } from "../dialog/index.ts";
import { languageOf, whatOf, words } from "./words.ts";

/** What is done about a text: tickets, or a question. */
export type Plan =
  | { readonly type: "tickets"; readonly drafts: readonly TicketDraft[]; readonly handed: boolean }
  | { readonly type: "ask"; readonly answer: string };

export interface Asked {
  /** All that was written about it, the newest last. */
  readonly texts: readonly string[];
  readonly number: string;
  readonly written: Written;
  /** Whether it can be asked back: once, and only where an answer may be sent. */
  readonly mayAsk: boolean;
}

const LONGEST = 300;

/** Decides what is done about a text. Pure. Whatever is not clear after one question is a person's: nothing is lost. */
export function planFor({ texts, number, written, mayAsk }: Asked): Plan {
  const from = { channel: "sms", callerNumber: number.slice(0, 32) } as const;
  if (written.type === "requests")
    return { type: "tickets", drafts: written.drafts.map((draft) => ({ ...draft, ...from })), handed: false };
  if (written.type === "emergency") return { type: "tickets", drafts: [{ ...written.draft, ...from }], handed: false };
  if (written.type === "incomplete" && mayAsk) return { type: "ask", answer: question(written, languageOf(texts.join(" "))) };
  const place = "place" in written ? written.place : undefined;
  const language = languageOf(texts.join(" "));
  const whole: TicketDraft = {
    ...from,
    kind: "message",
    intent: "common.text",
    summary: words("summary", language, { text: texts.join(" / ") }).slice(0, LONGEST),
    incomplete: written.type === "incomplete",
    ...(place !== undefined && { place }),
  };
  return { type: "tickets", drafts: [whole], handed: true };
}

function question(written: Extract<Written, { type: "incomplete" }>, language: ReturnType<typeof languageOf>): string {
  if (written.missing === "item") return words("ask-item", language, { place: written.place });
  return written.unknownPlace === undefined
    ? words("ask-place", language)
    : words("ask-other-place", language, { place: written.unknownPlace });
}

type Opened = Pick<Ticket, "kind" | "intent" | "place" | "item" | "fault" | "quantity" | "summary" | "number"> & {
  readonly id: TicketId;
};

/** What is answered when tickets were opened. */
export function answerFor(tickets: readonly Opened[], handed: boolean, text: string): string {
  const language = languageOf(text);
  const [first] = tickets;
  if (!first) return "";
  const { number } = first;
  if (first.intent === "common.emergency") return words("emergency", language, { number });
  if (handed) return words("handed", language, { number });
  const one = (ticket: Opened) => ({ what: whatOf(ticket, language), number: ticket.number });
  if (tickets.length === 1) return words(first.kind === "repair" ? "opened-repair" : "opened", language, one(first));
  const list = tickets.map((ticket) => words("opened-one", language, one(ticket))).join(words("opened-joint", language));
  return words("opened-several", language, { list });
}
