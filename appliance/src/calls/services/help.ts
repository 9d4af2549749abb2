import type { HandOff, Ticket, TicketDraft } from "@sitebox/core/contract";
import type { Announcer } from "../announcer.ts";
import type { HandOffOutcome } from "../assistant.ts";
import type { OpenCall } from "../open-call.ts";
import type { Party } from "../party/index.ts";

export interface HelpDeps {
  readonly announcer: Announcer;
  /** What is wrong, in one line and the site's language. */
  readonly summary: string;
  openTicket(call: OpenCall, draft: TicketDraft): Promise<Ticket>;
  /** Rings people until somebody takes the call. */
  handOff(request: Pick<HandOff, "reason" | "place" | "summary">): Promise<HandOffOutcome>;
}

/** Who called for help in vain. */
export interface Helpless {
  readonly call: OpenCall;
  readonly caller: Party;
  /** The emergency number. */
  readonly number: string;
  readonly place?: string;
}

/**
 * An emergency number could not be reached by any line: staff get a ticket of the first rank, so that they start running while the telephones
 * ring; the caller hears that he has to dial by a mobile telephone, and a person is rung for him. Where nobody comes he is told once more.
 */
export async function seekHelp(deps: HelpDeps, { call, caller, number, place }: Helpless): Promise<HandOffOutcome> {
  const { announcer, summary } = deps;
  const say = (id: string) => announcer.say([caller], { id, params: { number } }, call.timeline);
  const draft: TicketDraft = {
    kind: "other",
    intent: "common.emergency",
    priority: "P0",
    summary,
    channel: call.channel,
    callId: call.id,
    callerNumber: caller.number,
    incomplete: place === undefined,
    ...(place !== undefined && { place }),
  };
  const ticketed = deps.openTicket(call, draft).then(
    ({ id, number: ticket }) => call.timeline.add("ticket", ticket, { ticketId: id, number: ticket }),
    (err: unknown) => {
      call.log.error("a ticket could not be opened for a call for help", { err });
      call.timeline.add("fault", "the ticket could not be stored");
    },
  );
  await Promise.all([ticketed, say("help-failed")]);
  const outcome = await deps.handOff({ reason: "asked", summary, ...(place !== undefined && { place }) });
  call.timeline.add("transfer", outcome.type === "taken" ? outcome.by : outcome.type);
  if (outcome.type === "nobody") await say("help-nobody");
  return outcome;
}
