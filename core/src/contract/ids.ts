import { z } from "zod";

/** Identifiers are strings that cannot be taken for each other. */
const id = <Name extends string>(_name: Name) => z.string().min(1).max(64).brand<Name>();

export const TicketId = id("TicketId");
export type TicketId = z.infer<typeof TicketId>;
export const CallId = id("CallId");
export type CallId = z.infer<typeof CallId>;
export const StaffId = id("StaffId");
export type StaffId = z.infer<typeof StaffId>;
export const AccountId = id("AccountId");
export type AccountId = z.infer<typeof AccountId>;

/** Names that appear in MQTT topics and certificates: an allow-list keeps both unambiguous. */
export const TopicName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,38}$/, "use 1–39 of a–z, 0–9 and -, beginning with a letter or digit");
export const BoxId = TopicName.brand<"BoxId">();
export type BoxId = z.infer<typeof BoxId>;
export const TenantId = TopicName.brand<"TenantId">();
export type TenantId = z.infer<typeof TenantId>;
