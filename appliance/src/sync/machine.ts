import type { SyncClass } from "@sitebox/core/contract";

/** Urgent first. */
export const classes: readonly SyncClass[] = ["p0", "p1", "p2", "p3", "p4"];
/** Batches that may be on their way at once. */
export const windowSize = 4;

/** What the box itself knows of a stream: the last number given out, and the last that was acknowledged. */
export interface Book {
  readonly last: number;
  readonly acked: number;
}
export type Books = Readonly<Record<SyncClass, Book>>;

export interface Progress {
  readonly acked: number;
  /** Everything up to here is on its way. */
  readonly sent: number;
}
export interface Flight {
  readonly stream: SyncClass;
  readonly to: number;
}

export type Sender =
  | { readonly state: "offline" }
  /** Asked headquarters where it stands. */
  | { readonly state: "greeting" }
  | {
      readonly state: "sending";
      readonly streams: Readonly<Record<SyncClass, Progress>>;
      readonly flights: readonly Flight[];
    };

export type SenderEvent =
  | { readonly type: "connected" }
  | { readonly type: "disconnected" }
  | { readonly type: "cursors"; readonly cursors: Partial<Record<SyncClass, number>>; readonly books: Books }
  | { readonly type: "sent"; readonly stream: SyncClass; readonly to: number }
  | { readonly type: "ack"; readonly stream: SyncClass; readonly upto: number }
  | { readonly type: "resend"; readonly stream: SyncClass; readonly from: number }
  /** Nothing was acknowledged for too long although something is on its way. */
  | { readonly type: "stalled" };

export type SenderEffect =
  | { readonly type: "hello" }
  /** These are committed at headquarters: their rows may go. */
  | { readonly type: "forget"; readonly stream: SyncClass; readonly upto: number }
  /** Headquarters lost what it had acknowledged (an old backup): these cannot be sent again, and it has to be told. */
  | { readonly type: "mourn"; readonly stream: SyncClass; readonly from: number; readonly to: number }
  /** Headquarters has numbers that this box never gave out: the box is the old backup. It starts numbering anew. */
  | { readonly type: "begin-epoch" };

export interface Step {
  readonly next: Sender;
  readonly effects: readonly SenderEffect[];
}

export const offline: Sender = { state: "offline" };
const stay = (next: Sender): Step => ({ next, effects: [] });
const greet: Step = { next: { state: "greeting" }, effects: [{ type: "hello" }] };

/** The sending side's whole decision. Acknowledgements are cumulative, so losing, repeating or reordering them costs nothing. */
export function step(sender: Sender, event: SenderEvent): Step {
  switch (event.type) {
    case "connected":
      return greet;
    case "disconnected":
      return stay(offline);
    case "stalled":
      return sender.state === "offline" ? stay(sender) : greet;
    case "cursors":
      // Only as the answer to our question: later ones are older than what was acknowledged since.
      return sender.state === "greeting" ? begin(event) : stay(sender);
    case "sent": {
      if (sender.state !== "sending") return stay(sender);
      const { stream, to } = event;
      const streams = { ...sender.streams, [stream]: { ...sender.streams[stream], sent: to } };
      return stay({ state: "sending", streams, flights: [...sender.flights, { stream, to }] });
    }
    case "ack": {
      if (sender.state !== "sending") return stay(sender);
      const { stream, upto } = event;
      const { acked, sent } = sender.streams[stream];
      // More than was sent cannot be meant for this session.
      if (upto <= acked || upto > sent) return stay(sender);
      return {
        next: {
          state: "sending",
          streams: { ...sender.streams, [stream]: { acked: upto, sent } },
          flights: sender.flights.filter((flight) => flight.stream !== stream || flight.to > upto),
        },
        effects: [{ type: "forget", stream, upto }],
      };
    }
    case "resend": {
      if (sender.state !== "sending") return stay(sender);
      const { stream, from } = event;
      const { acked, sent } = sender.streams[stream];
      if (from > sent) return stay(sender);
      const back = Math.max(acked, from - 1);
      return stay({
        state: "sending",
        streams: { ...sender.streams, [stream]: { acked, sent: back } },
        flights: sender.flights.filter((flight) => flight.stream !== stream || flight.to <= back),
      });
    }
  }
}

function begin({ cursors, books }: Extract<SenderEvent, { type: "cursors" }>): Step {
  const known = classes.map((stream) => ({ stream, upto: cursors[stream] ?? 0, ...books[stream] }));
  if (known.some(({ upto, last }) => upto > last)) return { next: { state: "greeting" }, effects: [{ type: "begin-epoch" }] };
  const effects = known.flatMap(({ stream, upto, acked }): SenderEffect[] => {
    if (upto < acked) return [{ type: "mourn", stream, from: upto + 1, to: acked }];
    // Also where nothing is new: an answer that came late may have made us mourn what is not lost.
    return upto > 0 ? [{ type: "forget", stream, upto }] : [];
  });
  const streams = Object.fromEntries(known.map(({ stream, upto }) => [stream, { acked: upto, sent: upto }]));
  return { next: { state: "sending", streams: streams as Record<SyncClass, Progress>, flights: [] }, effects };
}

/** How the classes below p0 share the line while all have something to say. */
const weights: Readonly<Record<SyncClass, number>> = { p0: 0, p1: 8, p2: 4, p3: 2, p4: 1 };
export type Credits = Readonly<Record<SyncClass, number>>;
export const noCredits: Credits = { p0: 0, p1: 0, p2: 0, p3: 0, p4: 0 };

/** Which class sends the next batch, as far as the window is open: p0 before all, the others by weight (smooth round robin). */
export function choose(sender: Sender, books: Books, credits: Credits): { stream: SyncClass; credits: Credits } | undefined {
  if (sender.state !== "sending" || sender.flights.length >= windowSize) return undefined;
  const waiting = classes.filter((stream) => books[stream].last > sender.streams[stream].sent);
  if (waiting.includes("p0")) return { stream: "p0", credits };
  const raised = { ...credits };
  let best: SyncClass | undefined;
  for (const stream of waiting) {
    raised[stream] += weights[stream];
    if (best === undefined || raised[stream] > raised[best]) best = stream;
  }
  if (best === undefined) return undefined;
  raised[best] -= waiting.reduce((sum, stream) => sum + weights[stream], 0);
  return { stream: best, credits: raised };
}
