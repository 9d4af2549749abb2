import { randomBytes } from "node:crypto";
import { backoffMs, type Clock, type Log } from "@sitebox/core/kernel";
import { WorkerHost } from "./worker-host.ts";

export interface PoolOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Legs of one worker. */
  readonly maxLegs: number;
  readonly codeCacheDir?: string;
}

/** The spare worker, and the one whose last call has just ended: the next call would start another otherwise. */
const MAX_IDLE = 2;

/**
 * The worker processes of one media plane: as many as the legs need, and a spare one that is up already, so that the next leg works at
 * once although a worker has died.
 */
export class WorkerPool implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #maxLegs: number;
  readonly #codeCacheDir: string | undefined;
  readonly #token = randomBytes(16);
  readonly #workers = new Set<WorkerHost>();
  readonly #ending = new Set<Promise<void>>();
  #failures = 0;
  #retry: Disposable | undefined;
  #closing = false;

  constructor({ clock, log, maxLegs, codeCacheDir }: PoolOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#maxLegs = maxLegs;
    this.#codeCacheDir = codeCacheDir;
  }

  /** The workers that have legs. */
  get busy(): readonly WorkerHost[] {
    return [...this.#workers].filter(({ legCount }) => legCount > 0);
  }

  get all(): readonly WorkerHost[] {
    return [...this.#workers];
  }

  /** A worker for one leg, which has to be added at once: one that has legs already, else one that is up, else a new one. */
  withRoom(): WorkerHost {
    const free = [...this.#workers].filter(({ isAlive, legCount }) => isAlive && legCount < this.#maxLegs);
    const rank = ({ legCount, isReady }: WorkerHost) => (isReady ? 2 : 0) + (legCount > 0 ? 1 : 0);
    const chosen = free.toSorted((a, b) => rank(b) - rank(a))[0] ?? this.#start();
    this.#keepSpare(chosen);
    return chosen;
  }

  /** Has a worker up, and a spare one on its way, before the first leg asks for it. */
  async warm(): Promise<void> {
    await this.withRoom().ready;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.#retry?.[Symbol.dispose]();
    for (const worker of this.#workers) this.#letGo(worker);
    await Promise.all(this.#ending);
  }

  #letGo(worker: WorkerHost): void {
    this.#workers.delete(worker);
    const ending = worker[Symbol.asyncDispose]().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  #keepSpare(besides?: WorkerHost): void {
    if (this.#closing) return;
    for (const worker of this.#workers) if (worker !== besides && worker.isAlive && worker.legCount === 0) return;
    this.#start();
  }

  /** Ends idle workers beyond {@link MAX_IDLE}. */
  #trim(): void {
    const idle = [...this.#workers].filter(({ isAlive, legCount }) => isAlive && legCount === 0);
    for (const worker of idle.slice(MAX_IDLE)) this.#letGo(worker);
  }

  #start(): WorkerHost {
    const worker: WorkerHost = new WorkerHost({
      clock: this.#clock,
      log: this.#log,
      token: this.#token,
      codeCacheDir: this.#codeCacheDir,
      onIdle: () => this.#trim(),
      onDeath: (wasReady) => {
        this.#workers.delete(worker);
        this.#failures = wasReady ? 0 : this.#failures + 1;
        // One that never came up would not the next time either: it is tried again after a while.
        if (wasReady) this.#keepSpare();
        else if (!this.#closing) this.#retry = this.#clock.after(backoffMs(this.#failures), () => this.#keepSpare());
      },
    });
    this.#workers.add(worker);
    return worker;
  }
}
