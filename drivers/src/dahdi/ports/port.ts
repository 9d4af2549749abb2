import type { Clock, Log } from "@sitebox/core/kernel";
import type { Leg, LinePort } from "../../line/index.ts";
import type { Socket } from "./socket.ts";

export interface PortDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** The line's configured name. */
  readonly line: string;
  incoming(leg: Leg): void;
  changed(): void;
}

/** A socket of a card with what is plugged into it, whether its card is there or not. */
export interface Port {
  readonly socket: Pick<Socket, "channel" | "attached" | "attach" | "detach" | "close">;
  readonly state: LinePort;
}
