import { type SiteConfig, type Staff, StaffId } from "@sitebox/core/contract";
import type { Kysely } from "kysely";
import type { BoxTables, BoxTransaction } from "../db/index.ts";
import type { Candidate } from "./dispatch.ts";
import { toStaff } from "./ticket-rows.ts";

/** States in which somebody of the staff has work to do. */
export const heldStates = ["assigned", "accepted", "in-progress"] as const;

/** Brings the staff in line with the site's configuration. Shifts as switched by people stay. Returns who is gone. */
export async function seedStaff(tx: BoxTransaction, members: SiteConfig["staff"]): Promise<StaffId[]> {
  for (const { id, name, skills, zones, extension, onShift } of members) {
    const facts = {
      name,
      skills: JSON.stringify(skills),
      zones: JSON.stringify(zones),
      extension: extension ?? null,
      removed: 0,
    };
    await tx
      .insertInto("staff")
      .values({ id: StaffId.parse(id), ...facts, on_shift: onShift ? 1 : 0, last_assigned_at: 0 })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(facts))
      .execute();
  }
  const present = new Set(members.map(({ id }) => id));
  const rows = await tx.selectFrom("staff").select("id").where("removed", "=", 0).execute();
  const gone = rows.map(({ id }) => id).filter((id) => !present.has(id));
  if (gone.length > 0) await tx.updateTable("staff").set({ removed: 1, on_shift: 0 }).where("id", "in", gone).execute();
  return gone;
}

export async function listStaff(db: Kysely<BoxTables>): Promise<Staff[]> {
  const rows = await db.selectFrom("staff").selectAll().where("removed", "=", 0).orderBy("id").execute();
  return rows.map(toStaff);
}

/** The staff as the dispatch policy looks at them. */
export async function candidates(tx: BoxTransaction): Promise<Candidate[]> {
  const rows = await tx
    .selectFrom("staff")
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom("ticket")
        .select(({ fn }) => fn.countAll<number>().as("load"))
        .whereRef("ticket.staff", "=", "staff.id")
        .where("ticket.state", "in", heldStates)
        .as("load"),
    )
    .where("removed", "=", 0)
    .execute();
  return rows.map((row) => {
    const { id, skills, zones, onShift } = toStaff(row);
    return { id, skills, zones, onShift, load: Number(row.load ?? 0), lastAssignedAt: row.last_assigned_at };
  });
}
