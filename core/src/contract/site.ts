import { z } from "zod";

const synonyms = z
  .array(z.string().min(1))
  .default([])
  .meta({ title: "Synonyms", description: "Other words that guests use for it" });

/** Rooms as numbers or ranges: "806" or "801-820". Both ends of a range have the same length. */
export const RoomRange = z.string().regex(/^\d{1,6}(-\d{1,6})?$/, 'write a room as "806" or a range as "801-820"');

export const SiteItem = z.object({
  name: z.string().min(1).meta({ title: "Name" }),
  synonyms,
  skill: z.string().min(1).meta({ title: "Skill", description: "Who repairs it: staff with this skill" }),
  faults: z
    .array(z.object({ name: z.string().min(1), synonyms }))
    .min(1)
    .meta({ title: "Faults" }),
  priority: z.enum(["P0", "P1", "P2", "P3"]).default("P2"),
});
export type SiteItem = z.infer<typeof SiteItem>;

export const SiteDelivery = z.object({
  name: z.string().min(1),
  synonyms,
  /** Measure words said with it: 条, 瓶, 双 */
  classifiers: z.array(z.string().min(1)).default(["个"]),
  skill: z.string().default("housekeeping"),
  most: z.int().min(1).max(99).default(9).meta({ description: "More than this is asked back" }),
});
export type SiteDelivery = z.infer<typeof SiteDelivery>;

export const SiteZone = z.object({ id: z.string().min(1), name: z.string().min(1), rooms: z.array(RoomRange).default([]) });

export const SiteStaff = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  skills: z.array(z.string()).min(1),
  zones: z.array(z.string()).default([]),
  extension: z.string().optional(),
  onShift: z.boolean().default(true),
});

/** One site: what its callers may name and who looks after it. */
export const SiteConfig = z.strictObject({
  name: z.string().min(1).meta({ title: "Site name", description: "Spoken in the greeting" }),
  kind: z.enum(["hotel", "property", "scenic", "retail"]).default("hotel"),
  /** One to four digits that begin every ticket number. */
  code: z
    .string()
    .regex(/^[1-9]\d{0,3}$/)
    .default("1"),
  timeZone: z.string().default("Asia/Shanghai"),
  rooms: z.array(RoomRange).default([]),
  zones: z.array(SiteZone).default([]),
  items: z.array(SiteItem).default([]),
  deliveries: z.array(SiteDelivery).default([]),
  staff: z.array(SiteStaff).default([]),
  /** Extensions that are rooms: calls from them need not say the room. */
  roomExtensions: z.record(z.string(), z.string()).default({}),
  /** Rung in this order when a person is wanted. */
  handOffExtensions: z.array(z.string()).default([]),
});
export type SiteConfig = z.infer<typeof SiteConfig>;
