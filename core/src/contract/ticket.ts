import { z } from "zod";
import { CallId, StaffId, TicketId } from "./ids.ts";

export const TicketState = z.enum(["open", "assigned", "accepted", "in-progress", "done", "cancelled"]);
export type TicketState = z.infer<typeof TicketState>;

export const TicketKind = z.enum(["repair", "delivery", "message", "callback", "other"]);
export type TicketKind = z.infer<typeof TicketKind>;

/** P0 life or large loss, P1 service stopped, P2 normal, P3 planned or cosmetic. */
export const Priority = z.enum(["P0", "P1", "P2", "P3"]);
export type Priority = z.infer<typeof Priority>;

export const TicketChannel = z.enum(["phone", "web-call", "web-chat", "sms", "desk", "api"]);
export type TicketChannel = z.infer<typeof TicketChannel>;

/** Two texts of ten parts each fit in. */
export const SAID_MAX = 3_100;

/** What was asked for, as understood and read back. */
export const TicketRequest = z.object({
  kind: TicketKind,
  /** The intent it came from, e.g. "hotel.repair". */
  intent: z.string().max(64),
  priority: Priority.default("P2"),
  /** Room or place as the site names it, e.g. "806". */
  place: z.string().max(64).optional(),
  item: z.string().max(64).optional(),
  fault: z.string().max(200).optional(),
  quantity: z.int().min(1).max(999).optional(),
  /** One line for a list, in the site's language. */
  summary: z.string().max(300),
  /** The caller hung up before all was known; a person completes it. */
  incomplete: z.boolean().default(false),
});
export type TicketRequest = z.infer<typeof TicketRequest>;

export const TicketDraft = TicketRequest.extend({
  channel: TicketChannel,
  callId: CallId.optional(),
  /** Personal data: stays on the site unless configured otherwise. */
  callerNumber: z.string().max(32).optional(),
  /** Recording of a voice message, relative to the data folder. */
  audioFile: z.string().max(200).optional(),
  /** All that was written about it, in the writer's own words. Personal data: stays on the site unless configured otherwise. */
  said: z.string().max(SAID_MAX).optional(),
});
export type TicketDraft = z.input<typeof TicketDraft>;

/** Something that happened to a ticket. The history of a ticket is the list of these, in order of `rev`. */
export const TicketChange = z.object({
  rev: z.int().min(1),
  type: z.enum([
    "opened",
    "assigned",
    "unassigned",
    "accepted",
    "declined",
    "started",
    "finished",
    "cancelled",
    "commented",
    "unassignable",
  ]),
  /** State after it. */
  state: TicketState,
  at: z.number(),
  /** Who did it: staff or account name, "assistant", "dispatch". */
  actor: z.string().max(64),
  staff: StaffId.optional(),
  staffName: z.string().max(64).optional(),
  note: z.string().max(500).optional(),
});
export type TicketChange = z.infer<typeof TicketChange>;

export const Ticket = TicketRequest.extend({
  id: TicketId,
  /** Short number to be spoken and keyed: the site's code and four digits, unique within the site's day. */
  number: z.string().regex(/^\d{5,8}$/),
  state: TicketState,
  rev: z.int().min(1),
  channel: TicketChannel,
  callId: CallId.optional(),
  callerNumber: z.string().optional(),
  hasAudio: z.boolean().default(false),
  /** What was written, word for word, as long as transcripts are kept. */
  said: z.string().optional(),
  staff: StaffId.optional(),
  staffName: z.string().optional(),
  openedAt: z.number(),
  updatedAt: z.number(),
});
export type Ticket = z.infer<typeof Ticket>;

export const TicketWithHistory = Ticket.extend({ history: z.array(TicketChange) });
export type TicketWithHistory = z.infer<typeof TicketWithHistory>;

/** What a person does to a ticket. `commandId` makes a repeat (offline queue, double tap) harmless. */
export const TicketCommand = z.discriminatedUnion("action", [
  z.object({ action: z.literal("assign"), commandId: z.string().max(64), staff: StaffId }),
  z.object({ action: z.literal("accept"), commandId: z.string().max(64) }),
  z.object({ action: z.literal("decline"), commandId: z.string().max(64), note: z.string().max(500).optional() }),
  z.object({ action: z.literal("start"), commandId: z.string().max(64) }),
  z.object({ action: z.literal("finish"), commandId: z.string().max(64), note: z.string().max(500).optional() }),
  z.object({ action: z.literal("cancel"), commandId: z.string().max(64), note: z.string().max(500).optional() }),
  z.object({ action: z.literal("comment"), commandId: z.string().max(64), note: z.string().min(1).max(500) }),
]);
export type TicketCommand = z.infer<typeof TicketCommand>;

export const Staff = z.object({
  id: StaffId,
  name: z.string().max(64),
  /** Repair skills by item group, e.g. "hvac", "plumbing", "housekeeping"; "*" does anything. */
  skills: z.array(z.string()),
  /** Zones of the site; empty is everywhere. */
  zones: z.array(z.string()),
  onShift: z.boolean(),
  extension: z.string().optional(),
});
export type Staff = z.infer<typeof Staff>;
