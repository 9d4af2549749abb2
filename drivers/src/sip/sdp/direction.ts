import type { Attribute } from "./description.ts";

/** Which way a stream flows, as the end that says it sees it (RFC 3264 §5.1). */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** The same in two answers; {@link Direction} is its only written form. */
export interface Flow {
  readonly send: boolean;
  readonly receive: boolean;
}

const isDirection = (name: string): name is Direction =>
  name === "sendrecv" || name === "sendonly" || name === "recvonly" || name === "inactive";

/** The direction among attributes, the stream's before the session's; both ways where none is stated. */
export function directionOf(attributes: readonly Attribute[]): Direction {
  return attributes.map(([name]) => name).find(isDirection) ?? "sendrecv";
}

export const flowOf = (direction: Direction): Flow => ({
  send: direction === "sendrecv" || direction === "sendonly",
  receive: direction === "sendrecv" || direction === "recvonly",
});

export const directionFor = ({ send, receive }: Flow): Direction =>
  send ? (receive ? "sendrecv" : "sendonly") : receive ? "recvonly" : "inactive";

/** What we may do when we want `ours` and the far end says `theirs` of itself (RFC 3264 §6.1). */
export const agreedFlow = (ours: Flow, theirs: Flow): Flow => ({
  send: ours.send && theirs.receive,
  receive: ours.receive && theirs.send,
});
