import { parseWav } from "@sitebox/appliance";
import type { CallWithMoments, Ticket } from "@sitebox/core/contract";
import { Baresip, converse, nextCall, type World } from "@sitebox/test";
import { bargeInStops, replyLatencies } from "./latency.ts";
import { readSentences, type Sentence } from "./sentences.ts";

const CALLS = 30;
const INTERRUPTIONS = 10;

export interface CallFigures {
  readonly replies: number[];
  readonly stops: number[];
  /** Understood and confirmed by the caller. */
  readonly confirmed: number;
  /** Not understood in the end: the ticket is a voice message or a call-back for a person. */
  readonly incomplete: number;
  readonly rightRoom: number;
  readonly calls: number;
}

type Desk = Awaited<ReturnType<World["login"]>>;

async function recordingOf(desk: Desk, callId: string): Promise<readonly [Int16Array, Int16Array]> {
  const { channels } = parseWav(await desk.bytes(`/api/calls/${callId}/recording`));
  const [caller, box] = channels;
  if (!caller || !box) throw new Error("a recording has not two channels");
  return [caller, box];
}

/** One call by telephone, as a guest makes it; the sentence names room and fault. */
async function guestCall(world: World, desk: Desk, { text }: Sentence, early: boolean): Promise<string> {
  await using guest = await Baresip.open();
  const callId = await nextCall(desk, () => guest.dial(world.sip("8000")));
  try {
    // Speaking right after the notice interrupts the question that follows it.
    await converse(desk, callId, guest, [
      { after: early ? "notice" : "ask-request", say: text },
      { after: "confirm-repair", say: "对" },
      { after: "ask-more", say: "没有了" },
    ]);
  } catch {
    // Not understood in the end: its turns are measured all the same.
    await guest.hangUp();
  }
  await desk.until<CallWithMoments>(`/api/calls/${callId}`, ({ state }) => state === "ended");
  return callId;
}

/** {@link CALLS} calls whose recordings are measured, and {@link INTERRUPTIONS} in which the guest speaks over the assistant. */
export async function measureCalls(world: World, progress: (text: string) => void): Promise<CallFigures> {
  const desk = await world.login("box", "agent");
  const sentences = (await readSentences("repair")).filter(({ slots }) => slots.room && slots.item && slots.fault);
  const replies: number[] = [];
  const stops: number[] = [];
  let [confirmed, incomplete] = [0, 0];
  let rightRoom = 0;
  for (let i = 0; i < CALLS; i++) {
    const sentence = sentences[i % sentences.length];
    if (!sentence) throw new Error("there are no sentences");
    const callId = await guestCall(world, desk, sentence, i < INTERRUPTIONS);
    const call = (await desk.get(`/api/calls/${callId}`)) as CallWithMoments;
    const [caller, box] = await recordingOf(desk, callId);
    if (i < INTERRUPTIONS) stops.push(...bargeInStops(caller, box).slice(0, 1));
    replies.push(...replyLatencies(caller, box));
    const [ticketId] = call.ticketIds;
    if (ticketId) {
      const ticket = (await desk.get(`/api/tickets/${ticketId}`)) as Ticket;
      if (ticket.kind !== "repair" || ticket.incomplete) incomplete++;
      else confirmed++;
      if (ticket.place === sentence.slots.room) rightRoom++;
    }
    progress(`call ${i + 1} of ${CALLS}: ${call.outcome}`);
  }
  return { replies, stops, confirmed, incomplete, rightRoom, calls: CALLS };
}
