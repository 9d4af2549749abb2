import { SAID_MAX, type Ticket, type TicketDraft, type TicketId } from "@sitebox/core/contract";
import type { Written } from "../dialog/index.ts";
import { languageOf, whatOf, words } from "./words.ts";

/** What is done about a text: tickets, one of the sender's own tickets cancelled, or a question. */
export type Plan =
  | {
      readonly type: "tickets";
      readonly drafts: readonly TicketDraft[];
      /** A person has to read it. */
      readonly handed: boolean;
      /** The first is a call for help. */
      readonly emergency: boolean;
    }
  | { readonly type: "cancel"; readonly ticket: Opened; readonly answer: string }
  | { readonly type: "ask"; readonly answer: string };

export type Opened = Pick<
  Ticket,
  "kind" | "intent" | "state" | "place" | "item" | "fault" | "quantity" | "summary" | "number"
> & {
  readonly id: TicketId;
};

export interface Asked {
  /** All that was written about it, the newest last. */
  readonly texts: readonly string[];
  readonly number: string;
  readonly written: Written;
  /** Whether it can be asked back: once, and only where an answer may be sent. */
  readonly mayAsk: boolean;
  /** What the sender has asked for and is not over, where something is to be cancelled. */
  readonly open: readonly Opened[];
}

const LONGEST = 300;

/** Decides what is done about a text. Pure. Whatever is not clear after one question is a person's: nothing is lost. */
export function planFor({ texts, number, written, mayAsk, open }: Asked): Plan {
  const said = texts.join("\n").slice(0, SAID_MAX);
  const from = { channel: "sms", callerNumber: number.slice(0, 32), said } as const;
  const language = languageOf(texts.join(" "));
  if (written.type === "requests" || written.type === "emergency")
    return {
      type: "tickets",
      drafts: written.drafts.map((draft) => ({ ...draft, ...from })),
      handed: false,
      emergency: written.type === "emergency",
    };
  if (written.type === "incomplete" && mayAsk) return { type: "ask", answer: question(written, language) };
  const meant = written.type === "person" && written.cancels ? toCancel(open, written.cancels) : undefined;
  if (meant) {
    const answer = words("cancelled", language, { what: whatOf(meant, language), number: meant.number });
    return { type: "cancel", ticket: meant, answer };
  }
  const { place } = written;
  const whole: TicketDraft = {
    ...from,
    kind: "message",
    intent: "common.text",
    summary: words("summary", language, { text: texts.join(" / ") }).slice(0, LONGEST),
    incomplete: written.type === "incomplete",
    ...(place !== undefined && { place }),
  };
  return { type: "tickets", drafts: [whole], handed: true, emergency: false };
}

/** The one ticket that is meant: a person decides where several may be, or where somebody is at work already. */
function toCancel(open: readonly Opened[], { place, item, number }: Cancels): Opened | undefined {
  const meant = open.filter(
    (ticket) =>
      (ticket.kind === "repair" || ticket.kind === "delivery") &&
      (place === undefined || ticket.place === place) &&
      (item === undefined || ticket.item === item) &&
      (number === undefined || ticket.number === number),
  );
  const [one] = meant;
  return meant.length === 1 && one?.state !== "in-progress" ? one : undefined;
}

type Cancels = NonNullable<Extract<Written, { type: "person" }>["cancels"]>;

function question(written: Extract<Written, { type: "incomplete" }>, language: ReturnType<typeof languageOf>): string {
  if (written.missing === "item") return words("ask-item", language, { place: written.place });
  return written.unknownPlace === undefined
    ? words("ask-place", language)
    : words("ask-other-place", language, { place: written.unknownPlace });
}

/** What is answered when tickets were opened. It claims nothing that has not happened. */
export function answerFor(
  tickets: readonly Opened[],
  { handed, emergency }: Pick<Extract<Plan, { type: "tickets" }>, "handed" | "emergency">,
  text: string,
): string {
  const language = languageOf(text);
  const [first, ...others] = tickets;
  if (!first) return "";
  const { number } = first;
  const one = (ticket: Opened) => ({ what: whatOf(ticket, language), number: ticket.number });
  const listOf = (several: readonly Opened[]) =>
    several.map((ticket) => words("opened-one", language, one(ticket))).join(words("opened-joint", language));
  if (emergency)
    return others.length === 0
      ? words("emergency", language, { number })
      : words("emergency-and-more", language, { number, list: listOf(others) });
  if (handed) return words("handed", language, { number });
  if (others.length === 0) return words(first.kind === "repair" ? "opened-repair" : "opened", language, one(first));
  return words("opened-several", language, { list: listOf(tickets) });
}
