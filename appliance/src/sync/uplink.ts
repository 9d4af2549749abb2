import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import type { BoxId, SyncClass, UplinkConfig, UplinkState } from "@sitebox/core/contract";
import { type Clock, type Log, supervise } from "@sitebox/core/kernel";
import type { BoxDatabase } from "../db/index.ts";
import { nextWaitMs } from "./backoff.ts";
import { UplinkError } from "./fault.ts";
import type { OutboxGauges } from "./gauges.ts";
import { Housekeeping } from "./housekeeping.ts";
import { type Enrolment, IdentityStore } from "./identity.ts";
import { openLink } from "./link.ts";
import { type Books, classes } from "./machine.ts";
import { Membership } from "./membership.ts";
import { OutboxStore } from "./outbox-store.ts";
import { Session } from "./session.ts";

export interface UplinkTuning {
  readonly reconnect: { readonly firstMs: number; readonly maxMs: number };
  /** How often the outbox is looked at when nobody calls `notify`. */
  readonly pollMs: number;
  readonly stallMs: number;
  readonly tidyMs: number;
  readonly batch: { readonly items: number; readonly bytes: number };
}
const usual: UplinkTuning = {
  reconnect: { firstMs: 1_000, maxMs: 300_000 },
  pollMs: 1_000,
  stallMs: 30_000,
  tidyMs: 10_000,
  batch: { items: 500, bytes: 128 * 1024 },
};

export interface UplinkDeps {
  readonly box: BoxId;
  readonly siteName: string;
  readonly software: string;
  readonly config: UplinkConfig;
  /** Where the box's key, claim code and certificate are. */
  readonly identityDir: string;
  readonly db: BoxDatabase;
  readonly clock: Clock;
  readonly log: Log;
  /** How good the box's clock is; "rtc" when nobody knows. */
  readonly timeQuality?: () => "ntp" | "rtc" | "floor";
  readonly tuning?: Partial<UplinkTuning>;
}

export interface UplinkEvents {
  changed: [state: UplinkState];
}

/** The box's way to headquarters. */
export interface Uplink extends AsyncDisposable {
  state(): UplinkState;
  gauges(): OutboxGauges;
  /** Call it after a commit that appended to the outbox, so that it leaves at once; without it, it leaves within a second. */
  notify(): void;
  readonly events: EventEmitter<UplinkEvents>;
}

/** Opens the way to headquarters. It never fails for want of headquarters: the box runs by itself. */
export async function openUplink(deps: UplinkDeps): Promise<Uplink> {
  const { box, siteName, clock } = deps;
  const { caFingerprint } = deps.config;
  const log = deps.log.child("uplink");
  const identities = new IdentityStore(deps.identityDir, log);
  const membership = new Membership({ box, siteName, caFingerprint, identities, clock, log }, await identities.open());
  const store = new OutboxStore(deps.db, deps.clock);
  const running = new RunningUplink(deps, { store, membership, books: await store.books() });
  running.start();
  return running;
}

interface Start {
  readonly store: OutboxStore;
  readonly membership: Membership;
  readonly books: Books;
}

class RunningUplink implements Uplink {
  readonly events = new EventEmitter<UplinkEvents>();
  readonly #deps: UplinkDeps;
  readonly #tuning: UplinkTuning;
  readonly #log: Log;
  readonly #store: OutboxStore;
  readonly #membership: Membership;
  readonly #housekeeping: Housekeeping;
  readonly #boot = randomUUID();
  readonly #sentBefore = new Map<SyncClass, number>();
  readonly #stopping = new AbortController();
  #books: Books;
  #oldestAt: number | undefined;
  #batches = 0;
  #session: Session | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #state: Pick<UplinkState, "state" | "fault" | "reason" | "lastAckAt">;
  #lostAt: number;
  #waitMs = 0;
  #retryAfterMs = 0;

  constructor(deps: UplinkDeps, { store, membership, books }: Start) {
    this.#deps = deps;
    this.#tuning = { ...usual, ...deps.tuning };
    this.#log = deps.log.child("uplink");
    this.#store = store;
    this.#membership = membership;
    this.#books = books;
    this.#lostAt = deps.clock.monotonic();
    this.#housekeeping = new Housekeeping({ store, clock: deps.clock, log: this.#log, maxBytes: deps.config.maxOutboxBytes });
    this.#state = { state: deps.config.enrolUrl === undefined ? "off" : this.#membership.enrolment ? "connecting" : "unclaimed" };
  }

  start(): void {
    const { clock, config } = this.#deps;
    const options = { clock, log: this.#log, signal: this.#stopping.signal };
    const jobs = [supervise("outbox watch", (signal) => this.#watch(signal), options)];
    const { enrolUrl } = config;
    if (enrolUrl !== undefined)
      jobs.push(
        supervise("uplink", (signal) => this.#keepConnected(enrolUrl, signal), options),
        supervise("certificate renewal", (signal) => this.#membership.keepRenewed(enrolUrl, signal), options),
      );
    this.#running = Promise.all(jobs);
  }

  state(): UplinkState {
    const { enrolUrl } = this.#deps.config;
    return {
      ...this.#state,
      waiting: classes.reduce((sum, stream) => sum + this.#waiting(stream), 0),
      ...(this.#state.state === "unclaimed" && { claimCode: this.#membership.claimCode }),
      ...(enrolUrl !== undefined && { headquarters: new URL(enrolUrl).host }),
    };
  }

  gauges(): OutboxGauges {
    const { clock } = this.#deps;
    const [p0, p1, p2, p3, p4] = classes.map((stream) => this.#waiting(stream)) as [number, number, number, number, number];
    return {
      length: { p0, p1, p2, p3, p4 },
      bytes: this.#housekeeping.bytes,
      oldestAgeS: this.#oldestAt === undefined ? 0 : Math.max(0, (clock.now() - this.#oldestAt) / 1_000),
      dropped: this.#housekeeping.dropped,
      offlineSeconds: this.#state.state === "online" ? 0 : (clock.monotonic() - this.#lostAt) / 1_000,
    };
  }

  notify(): void {
    this.#session?.look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  #waiting(stream: SyncClass): number {
    const { last, acked } = this.#books[stream];
    return last - acked;
  }

  #become(state: UplinkState["state"], error?: UplinkError): void {
    const { fault: _, reason: __, ...rest } = this.#state;
    if (this.#state.state === "online" && state !== "online") this.#lostAt = this.#deps.clock.monotonic();
    const before = this.#state;
    this.#state = { ...rest, state, ...(error && { fault: error.fault, reason: error.message }) };
    if (before.state === state && before.reason === this.#state.reason) return;
    this.#log.info("the way to headquarters changed", { state, reason: this.#state.reason });
    this.events.emit("changed", this.state());
  }

  /** Looks after the outbox, whether or not there is a headquarters. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    let tidiedAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      await this.#lookAtBooks();
      this.#session?.look();
      if (clock.monotonic() - tidiedAt >= this.#tuning.tidyMs) {
        await this.#housekeeping.tidy(this.#books);
        this.#oldestAt = await this.#store.oldestAt();
        tidiedAt = clock.monotonic();
      }
      await this.#pause(this.#tuning.pollMs, signal);
    }
  }

  async #lookAtBooks(): Promise<void> {
    const before = this.state().waiting;
    this.#books = await this.#store.books();
    const state = this.state();
    if (state.waiting !== before) this.events.emit("changed", state);
  }

  async #keepConnected(enrolUrl: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const onWaiting = () => this.#become("unclaimed");
        const enrolment = this.#membership.enrolment ?? (await this.#membership.enrol(enrolUrl, { signal, onWaiting }));
        await this.#connect(enrolUrl, enrolment, signal);
      } catch (error) {
        if (signal.aborted) return;
        const reason =
          error instanceof UplinkError ? error : new UplinkError("storage", "the box's own storage failed", { cause: error });
        this.#become(this.#membership.enrolment ? "offline" : "unclaimed", reason);
        if (reason !== error) throw error;
      }
      await this.#waitForNext(signal);
    }
  }

  async #waitForNext(signal: AbortSignal): Promise<void> {
    const { reconnect } = this.#tuning;
    this.#waitMs = nextWaitMs(this.#waitMs, reconnect);
    const ms = Math.max(this.#waitMs, this.#retryAfterMs);
    this.#retryAfterMs = 0;
    await this.#pause(ms, signal);
  }

  /** One connection, from its opening to its end. Resolves when it ended after all was well, rejects otherwise. */
  async #connect(enrolUrl: string, enrolment: Enrolment, signal: AbortSignal): Promise<void> {
    const { box, software, config, clock } = this.#deps;
    const { certificate: cert, caCertificate: ca, tenant, ...told } = await this.#membership.usable(enrolUrl, enrolment, signal);
    if (this.#state.state !== "offline") this.#become("connecting");
    const epoch = await this.#store.epoch();
    const status = { v: 1 as const, online: true, epoch, boot: this.#boot, software, since: clock.now() };
    const tls = { ca, cert, key: this.#membership.keyPem };
    await using link = await openLink(
      { url: config.mqttUrl ?? told.mqttUrl, tenant, box, tls, status, clock, log: this.#log },
      signal,
    );
    this.#session = new Session(
      {
        box,
        tenant,
        software,
        boot: this.#boot,
        personalData: config.syncPersonalData,
        timeQuality: this.#deps.timeQuality ?? (() => "rtc"),
        store: this.#store,
        link,
        clock,
        log: this.#log,
        stallMs: this.#tuning.stallMs,
        limit: this.#tuning.batch,
        sentBefore: this.#sentBefore,
        nextBatch: () => ++this.#batches,
        onGreeted: () => {
          this.#waitMs = 0;
          this.#become("online");
        },
        onAcked: () => {
          this.#state = { ...this.#state, lastAckAt: clock.now() };
          this.#lookAtBooks().catch((err: unknown) => this.#log.warn("the outbox cannot be read", { err }));
        },
        onRetryAfter: (ms) => {
          this.#retryAfterMs = ms;
        },
      },
      { books: this.#books, epoch },
    );
    try {
      await this.#session.run(signal);
    } finally {
      this.#session = undefined;
    }
    if (!signal.aborted) throw await link.ended;
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await this.#deps.clock.sleep(ms, signal).catch((reason: unknown) => {
      if (!signal.aborted) throw reason;
    });
  }
}
