import {
  type BoxStatus,
  Call,
  type FleetBox,
  type FleetTicket,
  type FleetTicketWithHistory,
  MetricSample,
  Ticket,
  TicketChange,
} from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { Kysely } from "kysely";
import type { BoxTable, GroupCommit, HeadquartersDatabase, HeadquartersTables } from "../db/index.ts";
import { viewOf } from "./box-view.ts";
import { type Presence, type PresenceEvent, step } from "./presence.ts";

export interface FleetDeps {
  readonly db: HeadquartersDatabase;
  readonly commits: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChanged: (box: string) => void;
}

type Reader = Kysely<HeadquartersTables>;

const presenceOf = (row: BoxTable): Presence => {
  const birth = row.boot !== null && row.birth_since !== null ? { boot: row.boot, since: row.birth_since } : undefined;
  return row.online === 1 && birth ? { state: "online", since: row.since, birth } : { state: "offline", since: row.since, birth };
};

/** All boxes and what they told, for people to look at. */
export class Fleet {
  readonly #deps: FleetDeps;
  readonly #log: Log;

  constructor(deps: FleetDeps) {
    this.#deps = deps;
    this.#log = deps.log.child("fleet");
  }

  /** At the start nobody is connected, whatever was written down before. */
  async startOffline(): Promise<void> {
    const { commits, clock } = this.#deps;
    await commits.commit((tx) => tx.updateTable("box").set({ online: 0, since: clock.now() }).where("online", "=", 1).execute());
  }

  /** A birth, a will, a good-bye or the end of a connection. */
  async status(box: string, { online, boot, since, software }: BoxStatus): Promise<void> {
    const { commits, clock, onChanged } = this.#deps;
    const at = clock.now();
    const event: PresenceEvent = { type: online ? "born" : "gone", birth: { boot, since }, at };
    const changed = await commits.commit(async (tx) => {
      const row = await tx.selectFrom("box").selectAll().where("box", "=", box).executeTakeFirst();
      if (!row) return false;
      const before = presenceOf(row);
      const after = step(before, event);
      if (after === before) return false;
      await tx
        .updateTable("box")
        .set({
          online: after.state === "online" ? 1 : 0,
          since: after.since,
          boot: after.birth?.boot ?? null,
          birth_since: after.birth?.since ?? null,
          ...(online && { last_heard_at: at, software: software.slice(0, 100) }),
        })
        .where("box", "=", box)
        .execute();
      return true;
    });
    if (!changed) return;
    this.#log.info(online ? "a box is online" : "a box is offline", { box, boot });
    onChanged(box);
  }

  /** Why a certificate opens nothing (any more). */
  async refused({ box, serial }: { readonly box: string; readonly serial: string }): Promise<string | undefined> {
    return await this.#deps.db.read(async (db) => {
      const revoked = await db.selectFrom("revoked").select("reason").where("serial", "=", serial).executeTakeFirst();
      if (revoked) return `its certificate was withdrawn: ${revoked.reason}`;
      const known = await db.selectFrom("box").select("box").where("box", "=", box).executeTakeFirst();
      return known ? undefined : "no such box is enrolled";
    });
  }

  async boxes(): Promise<FleetBox[]> {
    return await this.#deps.db.read(async (db) => {
      const rows = await db.selectFrom("box").selectAll().orderBy("box").execute();
      return await Promise.all(rows.map((row) => this.#view(db, row)));
    });
  }

  async box(box: string): Promise<FleetBox | undefined> {
    return await this.#deps.db.read(async (db) => {
      const row = await db.selectFrom("box").selectAll().where("box", "=", box).executeTakeFirst();
      return row && (await this.#view(db, row));
    });
  }

  /** Samples from `sinceAt` on in the order of time; the latest `limit` of them. */
  async metrics(box: string, { sinceAt, limit }: { sinceAt: number; limit: number }): Promise<MetricSample[]> {
    const rows = await this.#deps.db.read((db) =>
      db
        .selectFrom("metric")
        .select("body")
        .where("box", "=", box)
        .where("at", ">=", sinceAt)
        .orderBy("at", "desc")
        .limit(limit)
        .execute(),
    );
    return rows.reverse().map(({ body }) => MetricSample.parse(JSON.parse(body)));
  }

  /** The latest calls first. */
  async calls(box: string, limit = 200): Promise<Call[]> {
    const rows = await this.#deps.db.read((db) =>
      db.selectFrom("fleet_call").select("body").where("box", "=", box).orderBy("started_at", "desc").limit(limit).execute(),
    );
    return rows.map(({ body }) => Call.parse(JSON.parse(body)));
  }

  /** Tickets of all sites or of one, the latest changed first. */
  async tickets({
    box,
    active,
    limit,
  }: {
    box?: string | undefined;
    active?: boolean | undefined;
    limit: number;
  }): Promise<FleetTicket[]> {
    const rows = await this.#deps.db.read((db) => {
      let query = this.#ticketRows(db).orderBy("fleet_ticket.updated_at", "desc").limit(limit);
      if (box !== undefined) query = query.where("fleet_ticket.box", "=", box);
      if (active !== undefined) query = query.where("fleet_ticket.active", "=", active ? 1 : 0);
      return query.execute();
    });
    return rows.map(toTicket);
  }

  async ticket(box: string, id: string): Promise<FleetTicketWithHistory | undefined> {
    return await this.#deps.db.read(async (db) => {
      const row = await this.#ticketRows(db)
        .where("fleet_ticket.box", "=", box)
        .where("fleet_ticket.id", "=", id)
        .executeTakeFirst();
      if (!row) return undefined;
      const changes = await db
        .selectFrom("fleet_ticket_change")
        .select(["body", "received_at"])
        .where("box", "=", box)
        .where("ticket", "=", id)
        .orderBy("rev")
        .execute();
      const history = changes.map((change) => ({
        ...TicketChange.parse(JSON.parse(change.body)),
        receivedAt: change.received_at,
      }));
      return { ...toTicket(row), history };
    });
  }

  async counts(): Promise<{ boxes: number; online: number; deadLetters: number }> {
    return await this.#deps.db.read(async (db) => {
      const boxes = await db
        .selectFrom("box")
        .select((eb) => [eb.fn.countAll<number>().as("boxes"), eb.fn.sum<number | null>("online").as("online")])
        .executeTakeFirstOrThrow();
      const dead = await db
        .selectFrom("dead")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .executeTakeFirstOrThrow();
      return { boxes: Number(boxes.boxes), online: Number(boxes.online ?? 0), deadLetters: Number(dead.count) };
    });
  }

  #ticketRows(db: Reader) {
    return db
      .selectFrom("fleet_ticket")
      .innerJoin("box", "box.box", "fleet_ticket.box")
      .select(["fleet_ticket.box", "fleet_ticket.body", "box.site_name"]);
  }

  async #view(db: Reader, row: BoxTable): Promise<FleetBox> {
    const { box } = row;
    const [latest, alarms, open] = await Promise.all([
      db.selectFrom("metric").select("body").where("box", "=", box).orderBy("at", "desc").limit(1).executeTakeFirst(),
      db.selectFrom("alarm").select("body").where("box", "=", box).where("active", "=", 1).orderBy("at").execute(),
      db
        .selectFrom("fleet_ticket")
        .select((eb) => eb.fn.countAll<number>().as("count"))
        .where("box", "=", box)
        .where("active", "=", 1)
        .executeTakeFirstOrThrow(),
    ]);
    return viewOf({ row, latest: latest?.body, alarms: alarms.map(({ body }) => body), openTickets: Number(open.count) });
  }
}

const toTicket = (row: { box: string; body: string; site_name: string }): FleetTicket => ({
  ...Ticket.parse(JSON.parse(row.body)),
  box: row.box,
  siteName: row.site_name,
});
