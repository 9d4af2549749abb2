import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BoxDatabase, openBoxDatabase } from "@sitebox/appliance/db";
import { appendOutbox, openUplink, type Uplink, type UplinkTuning } from "@sitebox/appliance/sync";
import { type Headquarters, type HeadquartersParts, openHeadquarters } from "@sitebox/cloud";
import { BoxId, HeadquartersConfig, Ticket, TicketChange, UplinkConfig, type UplinkFault } from "@sitebox/core/contract";
import { type Clock, type Log, silentLog, systemClock } from "@sitebox/core/kernel";

export const newFolder = () => mkdtemp(join(tmpdir(), "sitebox-sync-"));

/** A log that keeps what it was told. */
export class Told implements Log {
  readonly lines: { message: string; fields: unknown }[];
  readonly #waiting = new Set<() => void>();

  constructor(lines: { message: string; fields: unknown }[] = []) {
    this.lines = lines;
  }
  child = () => this;
  debug = () => {};
  info = (message: string, fields?: unknown) => this.#keep(message, fields);
  warn = (message: string, fields?: unknown) => this.#keep(message, fields);
  error = (message: string, fields?: unknown) => this.#keep(message, fields);

  async until(message: string): Promise<unknown> {
    for (;;) {
      const line = this.lines.find((one) => one.message === message);
      if (line) return line.fields;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }
  #keep(message: string, fields: unknown) {
    this.lines.push({ message, fields });
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

export async function startHeadquarters(
  options: {
    dataDir?: string;
    mqttPort?: number;
    enrolPort?: number;
    config?: Record<string, unknown>;
    parts?: Partial<HeadquartersParts>;
  } = {},
): Promise<Headquarters> {
  const local = (port = 0) => ({ host: "127.0.0.1", port });
  const config = HeadquartersConfig.parse({
    dataDir: options.dataDir ?? (await newFolder()),
    http: local(),
    mqtt: local(options.mqttPort),
    enrol: local(options.enrolPort),
    hostNames: ["127.0.0.1", "localhost"],
    autoAcceptLoopbackClaims: true,
    ...options.config,
  });
  return await openHeadquarters(config, {
    log: silentLog,
    passwordCost: { log2N: 4, r: 8, p: 1 },
    reorderMs: 200,
    claimRetryMs: 50,
    ...options.parts,
  });
}

export interface TestBox extends AsyncDisposable {
  readonly db: BoxDatabase;
  readonly uplink: Uplink;
  /** Appends a change of a ticket in a transaction of its own. */
  change(ticket: string, rev: number, more?: { callerNumber?: string }): Promise<void>;
  /** Resolves when the reason why the box is not in touch begins with `fault`. */
  untilFault(fault: UplinkFault): Promise<void>;
  until(state: ReturnType<Uplink["state"]>["state"]): Promise<void>;
  /** Rows in the outbox. */
  waiting(): Promise<number>;
  /** Resolves when headquarters has acknowledged everything. */
  empty(): Promise<void>;
}

export const quick: Partial<UplinkTuning> = {
  reconnect: { firstMs: 10, maxMs: 60 },
  pollMs: 50,
  stallMs: 500,
  tidyMs: 100,
};

export async function startBox(
  options: {
    box?: string;
    dataDir?: string;
    enrolUrl?: string;
    mqttUrl?: string;
    caFingerprint?: string;
    syncPersonalData?: boolean;
    maxOutboxBytes?: number;
    tuning?: Partial<UplinkTuning>;
    log?: Log;
    clock?: Clock;
  } = {},
): Promise<TestBox> {
  await using building = new AsyncDisposableStack();
  const dataDir = options.dataDir ?? (await newFolder());
  const db = building.use(await openBoxDatabase(dataDir));
  const { enrolUrl, mqttUrl, caFingerprint, syncPersonalData, maxOutboxBytes } = options;
  const uplink = building.use(
    await openUplink({
      box: BoxId.parse(options.box ?? "box-1"),
      siteName: "示范酒店",
      software: "0.1.0",
      config: UplinkConfig.parse({ enrolUrl, mqttUrl, caFingerprint, syncPersonalData, maxOutboxBytes }),
      identityDir: join(dataDir, "identity"),
      db,
      clock: options.clock ?? systemClock,
      log: options.log ?? silentLog,
      tuning: { ...quick, ...options.tuning },
    }),
  );
  const when = async (right: () => boolean) => {
    while (!right()) await once(uplink.events, "changed");
  };
  const waiting = async () => (await db.read((reader) => reader.selectFrom("outbox").select("seq").execute())).length;
  const owned = building.move();
  return {
    db,
    uplink,
    async change(ticket, rev, more = {}) {
      await db.transact((tx) => appendOutbox(tx, systemClock, ticketChange(ticket, rev, more)));
      uplink.notify();
    },
    untilFault: (fault) => when(() => uplink.state().fault === fault),
    until: (state) => when(() => uplink.state().state === state),
    waiting,
    async empty() {
      for (;;) {
        const next = once(uplink.events, "changed");
        if ((await waiting()) === 0) return;
        await next;
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export function ticketChange(id: string, rev: number, more: { callerNumber?: string } = {}) {
  const now = Date.now();
  const ticket = Ticket.parse({
    id,
    number: "10001",
    state: "open",
    rev,
    kind: "repair",
    intent: "hotel.repair",
    priority: "P2",
    place: "806",
    summary: "806 空调不制冷",
    incomplete: false,
    channel: "phone",
    hasAudio: false,
    openedAt: now,
    updatedAt: now,
    ...more,
  });
  const change = TicketChange.parse({
    rev,
    type: rev === 1 ? "opened" : "commented",
    state: "open",
    at: now,
    actor: "assistant",
  });
  return { cls: "p1" as const, aggregate: `ticket/${id}`, rev, body: { type: "ticket.changed" as const, ticket, change } };
}

/** Revisions of a ticket as headquarters shows them. */
export const revisions = async (hq: Headquarters, box: string, ticket: string): Promise<number[]> =>
  (await hq.fleet.ticket(box, ticket))?.history.map(({ rev }) => rev) ?? [];

/** Waits for facts that come as events, looking again after each. */
export async function eventually(hq: Headquarters, right: () => Promise<boolean>): Promise<void> {
  const changed = new EventTarget();
  const tell = () => void changed.dispatchEvent(new Event("changed"));
  hq.events.on("ticketChanged", tell).on("boxChanged", tell);
  try {
    for (;;) {
      const next = once(changed, "changed");
      if (await right()) return;
      await next;
    }
  } finally {
    hq.events.off("ticketChanged", tell).off("boxChanged", tell);
  }
}

export interface Proxy extends AsyncDisposable {
  readonly port: number;
  /** Ends every connection now, without a word. */
  cut(): void;
  /** While blocked, new connections end at once. */
  block(blocked: boolean): void;
  /** Passes only what `filter` lets through, downwards. */
  connections(): number;
}

/** A line between box and headquarters that can be cut. */
export async function openProxy(target: () => number): Promise<Proxy> {
  const pairs = new Set<Socket>();
  let blocked = false;
  const server = createServer((near) => {
    if (blocked) {
      near.destroy();
      return;
    }
    const far = connect(target(), "127.0.0.1");
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      pairs.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        pairs.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of pairs) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    block(now) {
      blocked = now;
      if (now) cut();
    },
    connections: () => pairs.size / 2,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  };
}
