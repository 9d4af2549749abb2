import { SyncBody, type Ticket } from "@sitebox/core/contract";
import { sql } from "kysely";
import type { HeadquartersTransaction, InboxTable } from "../db/index.ts";

/** What changed where people look. */
export type Applied =
  | { readonly type: "ticket"; readonly box: string; readonly ticket: Ticket }
  | { readonly type: "box"; readonly box: string };

/** Per box: about three and a half days of a sample every fifteen seconds, whatever its clock says. */
const mostMetrics = 20_000;
const metricsBetweenTrims = 100;
const activeStates: readonly Ticket["state"][] = ["open", "assigned", "accepted", "in-progress"];

/**
 * Brings one item into the read models. Doing it twice changes nothing more.
 * Throws when the body is none that this version knows: such an item goes to the dead letters and the stream goes on.
 */
export async function applyItem(tx: HeadquartersTransaction, item: InboxTable): Promise<Applied> {
  const { box } = item;
  const body = SyncBody.parse(JSON.parse(item.body));
  switch (body.type) {
    case "ticket.changed": {
      const { ticket, change } = body;
      await tx
        .insertInto("fleet_ticket_change")
        .values({ box, ticket: ticket.id, rev: change.rev, received_at: item.received_at, body: JSON.stringify(change) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const row = {
        rev: ticket.rev,
        active: activeStates.includes(ticket.state) ? 1 : 0,
        updated_at: ticket.updatedAt,
        body: JSON.stringify(ticket),
      };
      await tx
        .insertInto("fleet_ticket")
        .values({ box, id: ticket.id, ...row })
        .onConflict((conflict) =>
          conflict.columns(["box", "id"]).doUpdateSet(row).where(sql<boolean>`excluded.rev >= fleet_ticket.rev`),
        )
        .execute();
      return { type: "ticket", box, ticket };
    }
    case "call.ended": {
      const row = { started_at: body.call.startedAt, body: JSON.stringify(body.call) };
      await tx
        .insertInto("fleet_call")
        .values({ box, id: body.call.id, ...row })
        .onConflict((conflict) => conflict.columns(["box", "id"]).doUpdateSet(row))
        .execute();
      return { type: "box", box };
    }
    case "metric.sampled": {
      const at = Math.round(body.sample.at);
      await tx
        .insertInto("metric")
        .values({ box, at, body: JSON.stringify(body.sample) })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      if (item.seq % metricsBetweenTrims === 0) await trimMetrics(tx, box);
      return { type: "box", box };
    }
    case "alarm.changed": {
      const { alarm } = body;
      const row = { at: alarm.at, active: alarm.active ? 1 : 0, body: JSON.stringify(alarm) };
      await tx
        .insertInto("alarm")
        .values({ box, code: alarm.code, ...row })
        .onConflict((conflict) => conflict.columns(["box", "code"]).doUpdateSet(row))
        .execute();
      return { type: "box", box };
    }
    case "outbox.dropped": {
      await tx
        .insertInto("missing")
        .values({
          box,
          stream: body.cls,
          epoch: item.epoch,
          from_seq: body.fromSeq,
          to_seq: body.toSeq,
          reason: body.reason,
          received_at: item.received_at,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return { type: "box", box };
    }
  }
}

async function trimMetrics(tx: HeadquartersTransaction, box: string): Promise<void> {
  const oldest = await tx
    .selectFrom("metric")
    .select("at")
    .where("box", "=", box)
    .orderBy("at", "desc")
    .offset(mostMetrics)
    .limit(1)
    .executeTakeFirst();
  if (oldest) await tx.deleteFrom("metric").where("box", "=", box).where("at", "<=", oldest.at).execute();
}
