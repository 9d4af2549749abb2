import type { Role, StaffId, TicketChange, TicketCommand } from "@sitebox/core/contract";

/** Where a work order stands. One that waits for nobody in particular (`open`) belongs to the desk. */
export type TicketPhase =
  | { readonly state: "open"; readonly unassignable: boolean }
  | { readonly state: "assigned"; readonly staff: StaffId }
  | { readonly state: "accepted"; readonly staff: StaffId }
  | { readonly state: "in-progress"; readonly staff: StaffId }
  | { readonly state: "done"; readonly staff: StaffId | undefined }
  | { readonly state: "cancelled"; readonly staff: StaffId | undefined };

export type TicketEvent =
  | { readonly type: "assign"; readonly staff: StaffId }
  /** `staff`: who takes it out of the pool; whoever it is assigned to accepts without. */
  | { readonly type: "accept"; readonly staff: StaffId | undefined }
  | { readonly type: "decline" }
  | { readonly type: "start" }
  /** The desk may close what never reached the field, e.g. after calling back. */
  | { readonly type: "finish"; readonly byDesk: boolean }
  | { readonly type: "cancel" }
  | { readonly type: "comment" }
  /** Taken from somebody who cannot do it: off shift before accepting, or no longer on the staff. */
  | { readonly type: "unassign" }
  | { readonly type: "find-nobody" };

export interface Move {
  readonly next: TicketPhase;
  readonly change: TicketChange["type"];
  /** Whom the change is about. */
  readonly staff: StaffId | undefined;
}

const staffOf = (phase: TicketPhase): StaffId | undefined => (phase.state === "open" ? undefined : phase.staff);
const isOver = ({ state }: TicketPhase): boolean => state === "done" || state === "cancelled";

/** The whole life of a work order. Undefined: the event makes no sense in this state, nothing changes. */
export function step(phase: TicketPhase, event: TicketEvent): Move | undefined {
  const staff = staffOf(phase);
  if (isOver(phase) && event.type !== "comment") return undefined;
  switch (event.type) {
    case "comment":
      return { next: phase, change: "commented", staff };
    case "assign":
      return event.staff === staff
        ? undefined
        : { next: { state: "assigned", staff: event.staff }, change: "assigned", staff: event.staff };
    case "accept": {
      const by = phase.state === "open" ? event.staff : staff;
      if (by === undefined || (phase.state !== "open" && phase.state !== "assigned")) return undefined;
      return { next: { state: "accepted", staff: by }, change: "accepted", staff: by };
    }
    case "decline":
      if (phase.state !== "assigned" && phase.state !== "accepted") return undefined;
      return { next: { state: "open", unassignable: false }, change: "declined", staff };
    case "start":
      if (phase.state !== "accepted") return undefined;
      return { next: { state: "in-progress", staff: phase.staff }, change: "started", staff };
    case "finish":
      if (!event.byDesk && phase.state !== "accepted" && phase.state !== "in-progress") return undefined;
      return { next: { state: "done", staff }, change: "finished", staff };
    case "cancel":
      return { next: { state: "cancelled", staff }, change: "cancelled", staff };
    case "unassign":
      if (phase.state === "open") return undefined;
      return { next: { state: "open", unassignable: false }, change: "unassigned", staff };
    case "find-nobody":
      if (phase.state !== "open" || phase.unassignable) return undefined;
      return { next: { state: "open", unassignable: true }, change: "unassignable", staff };
  }
}

/** Who asks for something. `staff`: who of the staff it is, if any. */
export interface Actor {
  readonly name: string;
  readonly role: Role;
  readonly staff?: StaffId | undefined;
}

const fieldActions: readonly TicketCommand["action"][] = ["accept", "decline", "start", "finish", "comment"];

/** Whether somebody may do that at all: the desk anything, staff what is theirs and accepting what nobody has. */
export function mayCommand(actor: Actor, phase: TicketPhase, action: TicketCommand["action"]): boolean {
  switch (actor.role) {
    case "admin":
    case "agent":
      return true;
    case "staff": {
      if (actor.staff === undefined || !fieldActions.includes(action)) return false;
      return staffOf(phase) === actor.staff || (phase.state === "open" && action === "accept");
    }
    case "operator":
      return false;
  }
}

/** The event that a command stands for. */
export function eventOf(command: TicketCommand, actor: Actor): TicketEvent {
  switch (command.action) {
    case "assign":
      return { type: "assign", staff: command.staff };
    case "accept":
      return { type: "accept", staff: actor.staff };
    case "finish":
      return { type: "finish", byDesk: actor.role !== "staff" };
    case "decline":
    case "start":
    case "cancel":
    case "comment":
      return { type: command.action };
  }
}
