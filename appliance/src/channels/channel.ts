import type { Staff, Ticket } from "@sitebox/core/contract";

/** Work for somebody. */
export interface Notice {
  readonly staff: Staff;
  readonly ticket: Ticket;
}

/** A way to reach the staff. "unreachable": try the next one. */
export interface Channel {
  readonly name: string;
  send(notice: Notice): Promise<"delivered" | "unreachable">;
}
