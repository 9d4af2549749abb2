import type { Ticket, TicketDraft } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import { beep } from "../../media/index.ts";
import type { Announcer } from "../announcer.ts";
import type { NewMailboxMessage } from "../mailbox/index.ts";
import { recordMessage } from "../message.ts";
import type { OpenCall } from "../open-call.ts";
import type { Party } from "../party/index.ts";

export interface VoiceMessageDeps {
  readonly clock: Clock;
  readonly announcer: Announcer;
  readonly dataDir: string;
  /** One line for a list of tickets, in the site's language. */
  readonly summary: string;
  readonly mailbox: { add(message: NewMailboxMessage): Promise<unknown> };
  openTicket(call: OpenCall, draft: TicketDraft): Promise<Ticket>;
}

const LONGEST_MS = 120_000;

/** Takes a message that becomes a ticket with its sound, and an entry of a mailbox where it is somebody's. Resolves with whether there is one. */
export async function takeMessage(
  deps: VoiceMessageDeps,
  call: OpenCall,
  party: Party,
  mailbox: string | undefined,
): Promise<boolean> {
  const { announcer, clock, dataDir } = deps;
  const say = (id: string, params?: Readonly<Record<string, string>>) =>
    announcer.say([party], { id, ...(params && { params }) }, call.timeline);
  const pressed = new AbortController();
  await say("nobody-there");
  await party.media.play(beep, { signal: party.over });
  using _attending = party.attend({ onKey: () => pressed.abort() });
  const { file, durationMs } = await recordMessage((signal) => party.media.listen(signal), {
    dataDir,
    name: call.id,
    maxMs: LONGEST_MS,
    clock,
    signal: AbortSignal.any([pressed.signal, party.over]),
  });
  call.timeline.add("decision", "message recorded", { durationMs });
  if (durationMs === 0) {
    if (!party.over.aborted) await say("message-empty");
    return false;
  }
  const { id: callId, channel } = call;
  const ticket = await deps.openTicket(call, {
    kind: "message",
    intent: "common.leave_message",
    summary: deps.summary,
    channel,
    callId,
    callerNumber: party.number,
    audioFile: file,
  });
  call.timeline.add("ticket", ticket.number, { ticketId: ticket.id, number: ticket.number });
  if (mailbox !== undefined)
    await deps.mailbox.add({
      extension: mailbox,
      callId,
      ticketId: ticket.id,
      callerNumber: party.number,
      audioFile: file,
      durationMs,
    });
  if (!party.over.aborted) await say("message-opened", { number: ticket.number });
  return true;
}
