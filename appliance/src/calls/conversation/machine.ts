/** Who talks with whom in one call, and what somebody is having done. Parties are named by the id of their leg. */
export interface Talk {
  /** In the order in which they came. */
  readonly members: readonly Member[];
  /** Who left the others waiting to speak with a third. */
  readonly consulting: string | undefined;
  /** Somebody is being rung; at most one at a time. */
  readonly errand: Errand | undefined;
  readonly ending: Ending | undefined;
}

export interface Member {
  readonly id: string;
  /** It put the others on hold. */
  readonly holding: boolean;
  /** In the consultation, apart from those who wait. */
  readonly aside: boolean;
}

/** "transfer": `by` has a target rung that is to have the others; "recall": `by`, who left, is rung back. */
export interface Errand {
  readonly type: "consult" | "transfer" | "recall";
  readonly by: string;
}

/** How a conversation ends. Whoever is not named is hung up. */
export type Ending =
  | { readonly type: "over" }
  | { readonly type: "parked"; readonly party: string; readonly by: string }
  /** Goes where the transfer leads: the assistant, a message. */
  | { readonly type: "sent"; readonly party: string; readonly by: string }
  /** Nobody is left who could have the call. */
  | { readonly type: "assistant"; readonly party: string }
  /** All went on in another call. */
  | { readonly type: "moved" };

export type TalkEvent =
  | {
      readonly type: "hold" | "resume" | "consult" | "hand-over" | "join" | "back" | "park" | "transfer" | "left";
      readonly by: string;
    }
  /** The transfer needs nobody to be rung. */
  | { readonly type: "send"; readonly by: string }
  /** The errand's target has answered. */
  | { readonly type: "answered"; readonly party: string }
  /** The errand's target is not to be had. */
  | { readonly type: "unanswered" }
  /** Somebody comes in, in another's place or beside all. */
  | { readonly type: "came"; readonly party: string; readonly inPlaceOf?: string }
  /** Attended transfer: those whom `by` consulted in another call take its place. */
  | { readonly type: "handed"; readonly by: string; readonly others: readonly string[] }
  /** The other side of the same: all but `by` go on in another call. */
  | { readonly type: "surrendered"; readonly by: string };

export type TalkEffect =
  | { readonly type: "ring"; readonly errand: Errand }
  | { readonly type: "stop-ringing" }
  | { readonly type: "hang-up"; readonly party: string }
  /** What `by` asked for cannot be had now. */
  | { readonly type: "refused"; readonly by: string }
  /** The transfer that `by` asked for has come to its end. */
  | { readonly type: "transferred"; readonly by: string; readonly outcome: "answered" | "failed" };

export interface TalkStep {
  readonly next: Talk;
  readonly effects: readonly TalkEffect[];
}

export const beginTalk = (ids: readonly string[]): Talk => ({
  members: ids.map((id) => ({ id, holding: false, aside: false })),
  consulting: undefined,
  errand: undefined,
  ending: undefined,
});

const has = (talk: Talk, id: string) => talk.members.some((member) => member.id === id);
const apart = (talk: Talk) => talk.members.filter(({ aside }) => aside);
const together = (talk: Talk) => talk.members.filter(({ aside }) => !aside);
const change = (talk: Talk, id: string, to: Partial<Member>): Talk => ({
  ...talk,
  members: talk.members.map((member) => (member.id === id ? { ...member, ...to } : member)),
});
const without = (talk: Talk, id: string): Talk => ({ ...talk, members: talk.members.filter((member) => member.id !== id) });
const add = (talk: Talk, id: string, as: Partial<Member> = {}): Talk => ({
  ...talk,
  members: [...talk.members, { id, holding: false, aside: false, ...as }],
});
/** The consultation is over: all who are left are together. */
const reunited = (talk: Talk): Talk => ({
  ...talk,
  consulting: undefined,
  members: talk.members.map((member) => ({ ...member, aside: false })),
});

/** The whole life of a conversation. Events that make no sense in a state change nothing, or are refused where somebody waits for an answer. */
export function stepTalk(talk: Talk, event: TalkEvent): TalkStep {
  if (talk.ending) return late(talk, event);
  const { next, effects } = act(talk, event);
  return settle(next, effects);
}

/** After the end nothing is done; who comes too late is hung up, who asks is refused. */
function late(talk: Talk, event: TalkEvent): TalkStep {
  const effects: TalkEffect[] = [];
  if (event.type === "answered" || event.type === "came") effects.push({ type: "hang-up", party: event.party });
  if (event.type === "transfer" || event.type === "handed" || event.type === "send")
    effects.push({ type: "transferred", by: event.by, outcome: "failed" });
  return { next: talk, effects };
}

function act(talk: Talk, event: TalkEvent): TalkStep {
  const stay = (...effects: TalkEffect[]): TalkStep => ({ next: talk, effects });
  switch (event.type) {
    case "hold":
    case "resume":
      return { next: change(talk, event.by, { holding: event.type === "hold" }), effects: [] };
    case "consult": {
      if (talk.consulting !== undefined || talk.errand || !has(talk, event.by)) return stay({ type: "refused", by: event.by });
      const errand: Errand = { type: "consult", by: event.by };
      const next = change({ ...talk, consulting: event.by, errand }, event.by, { aside: true, holding: false });
      return { next, effects: [{ type: "ring", errand }] };
    }
    case "hand-over":
      return talk.consulting === event.by
        ? { next: handOver(talk, event.by), effects: [{ type: "hang-up", party: event.by }] }
        : stay({ type: "refused", by: event.by });
    case "join":
      return talk.consulting === event.by && !talk.errand
        ? { next: { ...reunited(talk), members: reunited(talk).members.map((one) => ({ ...one, holding: false })) }, effects: [] }
        : stay({ type: "refused", by: event.by });
    case "back":
      return talk.consulting === event.by ? goBack(talk, event.by) : stay({ type: "refused", by: event.by });
    case "park": {
      const [other, ...more] = talk.members.filter(({ id }) => id !== event.by);
      if (!other || more.length > 0 || talk.errand || !has(talk, event.by)) return stay({ type: "refused", by: event.by });
      return { next: { ...talk, ending: { type: "parked", party: other.id, by: event.by } }, effects: [] };
    }
    case "transfer": {
      if (talk.consulting !== undefined || talk.errand || !has(talk, event.by))
        return stay({ type: "transferred", by: event.by, outcome: "failed" });
      const errand: Errand = { type: "transfer", by: event.by };
      return { next: { ...talk, errand }, effects: [{ type: "ring", errand }] };
    }
    case "send": {
      const [other, ...more] = talk.members.filter(({ id }) => id !== event.by);
      if (!other || more.length > 0 || talk.errand || !has(talk, event.by))
        return stay({ type: "transferred", by: event.by, outcome: "failed" });
      return {
        next: { ...talk, ending: { type: "sent", party: other.id, by: event.by } },
        effects: [
          { type: "transferred", by: event.by, outcome: "answered" },
          { type: "hang-up", party: event.by },
        ],
      };
    }
    case "answered":
      return answered(talk, event.party);
    case "unanswered":
      return unanswered(talk);
    case "came": {
      const place = talk.members.find(({ id }) => id === event.inPlaceOf);
      if (!place) return { next: add(talk, event.party), effects: [] };
      const consulting = talk.consulting === place.id ? event.party : talk.consulting;
      const errand = talk.errand?.by === place.id ? { ...talk.errand, by: event.party } : talk.errand;
      const members = talk.members.map((one) => (one.id === place.id ? { ...one, id: event.party, holding: false } : one));
      return { next: { ...talk, members, consulting, errand }, effects: [{ type: "hang-up", party: place.id }] };
    }
    case "handed": {
      if (talk.consulting !== undefined || talk.errand || !has(talk, event.by))
        return stay({ type: "transferred", by: event.by, outcome: "failed" });
      const next = event.others.reduce((all, id) => add(all, id), without(talk, event.by));
      return {
        next,
        effects: [
          { type: "transferred", by: event.by, outcome: "answered" },
          { type: "hang-up", party: event.by },
        ],
      };
    }
    case "surrendered":
      return {
        next: { ...talk, members: [], consulting: undefined, errand: undefined, ending: { type: "moved" } },
        effects: [...(talk.errand ? [{ type: "stop-ringing" } as const] : []), { type: "hang-up", party: event.by }],
      };
    case "left":
      return left(talk, event.by);
  }
}

/** The one who consulted goes: the consulted has the call, or is rung for it from now on. */
function handOver(talk: Talk, by: string): Talk {
  const rest = reunited(without(talk, by));
  const held = { ...rest, members: rest.members.map((member) => ({ ...member, holding: false })) };
  return talk.errand ? { ...held, errand: { type: "transfer", by } } : held;
}

function goBack(talk: Talk, by: string): TalkStep {
  const others = apart(talk).filter(({ id }) => id !== by);
  const back: Talk = { ...reunited(talk), errand: undefined };
  const next = others.reduce((all, { id }) => without(all, id), back);
  return {
    next,
    effects: [
      ...(talk.errand ? [{ type: "stop-ringing" } as const] : []),
      ...others.map(({ id }) => ({ type: "hang-up", party: id }) as const),
    ],
  };
}

function answered(talk: Talk, party: string): TalkStep {
  const { errand } = talk;
  if (!errand) return { next: talk, effects: [{ type: "hang-up", party }] };
  const rest: Talk = { ...talk, errand: undefined };
  if (errand.type === "consult") return { next: add(rest, party, { aside: talk.consulting !== undefined }), effects: [] };
  if (errand.type === "recall") return { next: add(rest, party), effects: [] };
  return {
    next: add(without(rest, errand.by), party),
    effects: [
      { type: "transferred", by: errand.by, outcome: "answered" },
      { type: "hang-up", party: errand.by },
    ],
  };
}

function unanswered(talk: Talk): TalkStep {
  const { errand } = talk;
  if (!errand) return { next: talk, effects: [] };
  const rest: Talk = { ...talk, errand: undefined };
  if (errand.type === "consult") return { next: reunited(rest), effects: [{ type: "refused", by: errand.by }] };
  const [first] = rest.members;
  if (errand.type === "recall")
    return { next: first ? { ...rest, ending: { type: "assistant", party: first.id } } : rest, effects: [] };
  const failed: TalkEffect = { type: "transferred", by: errand.by, outcome: "failed" };
  if (has(rest, errand.by)) return { next: rest, effects: [failed] };
  // Whoever transferred has gone already: he is rung back, the other is never dropped.
  const recall: Errand = { type: "recall", by: errand.by };
  return { next: { ...rest, errand: recall }, effects: [{ type: "ring", errand: recall }] };
}

function left(talk: Talk, by: string): TalkStep {
  if (!has(talk, by)) return { next: talk, effects: [] };
  if (talk.consulting === by) return { next: handOver(talk, by), effects: [] };
  const rest = without(talk, by);
  const alone = rest.consulting !== undefined && (together(rest).length === 0 || (!rest.errand && apart(rest).length < 2));
  return { next: alone ? reunited(rest) : rest, effects: [] };
}

/** Ends a conversation that has nobody left to talk with. */
function settle(talk: Talk, effects: readonly TalkEffect[]): TalkStep {
  if (talk.ending) return { next: talk, effects };
  const { members, errand } = talk;
  const waiting = errand !== undefined && members.length > 0;
  // Rung for nobody: the one who is to have the call is the only one left.
  const pointless = waiting && errand.type !== "consult" && members.every(({ id }) => id === errand.by);
  if (members.length >= 2 || (waiting && !pointless)) return { next: talk, effects };
  const stopped: TalkEffect[] = errand ? [{ type: "stop-ringing" }] : [];
  if (errand?.type === "transfer") stopped.push({ type: "transferred", by: errand.by, outcome: "failed" });
  return { next: { ...talk, errand: undefined, ending: { type: "over" } }, effects: [...effects, ...stopped] };
}
