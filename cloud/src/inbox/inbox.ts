import type { Control, Hello, SyncBatch, SyncClass } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { GroupCommit, HeadquartersTransaction } from "../db/index.ts";
import { bury } from "./dead-letters.ts";
import { keep, partsOf } from "./items.ts";

export interface InboxDeps {
  readonly commits: GroupCommit;
  readonly clock: Clock;
  readonly log: Log;
  /** Says something to a box, if it is there. What is lost on the way is said again at the next hello. */
  readonly tell: (box: string, control: Control) => void;
  /** There is something to apply. */
  readonly onCommitted: () => void;
  /** How long a gap may wait for what was overtaken before it is asked for again. */
  readonly reorderMs?: number;
}

interface Gap {
  readonly timer: Disposable;
}

/** Takes batches in: committed first, then acknowledged cumulatively per stream. */
export class Inbox implements Disposable {
  readonly #deps: InboxDeps;
  readonly #log: Log;
  readonly #gaps = new Map<string, Gap>();

  constructor(deps: InboxDeps) {
    this.#deps = deps;
    this.#log = deps.log.child("inbox");
  }

  /** Commits a batch. When it rejects nothing of it is kept and the sender must not be told otherwise. */
  async receive(batch: SyncBatch): Promise<void> {
    const { commits, clock, tell, onCommitted } = this.#deps;
    const receivedAt = clock.now();
    const streams = await commits.commit(async (tx) => {
      const reached = [];
      for (const part of partsOf(batch)) reached.push({ stream: part.stream, ...(await keep(tx, batch, part, receivedAt)) });
      await heard(tx, batch.box, receivedAt);
      return reached;
    });
    for (const { stream, upto, held } of streams) {
      tell(batch.box, { v: 1, kind: "ack", epoch: batch.epoch, stream, upto });
      this.#watchGap(batch, stream, upto, held.length > 0);
    }
    onCommitted();
  }

  /** A box asks where it stands. An epoch that it has left gets nothing more: what it holds beyond a gap is let go to be applied. */
  async hello({ box, epoch, software }: Hello): Promise<void> {
    const { commits, clock, tell, onCommitted } = this.#deps;
    const cursors = await commits.commit(async (tx) => {
      await heard(tx, box, clock.now(), software);
      await closeGaps(tx, box, epoch);
      const rows = await tx
        .selectFrom("stream")
        .select(["stream", "upto"])
        .where("box", "=", box)
        .where("epoch", "=", epoch)
        .execute();
      return Object.fromEntries(rows.map(({ stream, upto }) => [stream as SyncClass, upto]));
    });
    tell(box, { v: 1, kind: "cursors", epoch, cursors });
    onCommitted();
  }

  /** Puts a message aside that cannot be understood. */
  async bury(letter: { box: string; source: string; reason: string; payload: string }): Promise<void> {
    const { commits, clock } = this.#deps;
    const { box, source, reason, payload } = letter;
    this.#log.error("a message cannot be understood and is put aside", { box, source, reason, characters: payload.length });
    await commits.commit((tx) => bury(tx, { at: clock.now(), ...letter }));
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#gaps.values()) timer[Symbol.dispose]();
    this.#gaps.clear();
  }

  /** A gap that stays is asked for again, as long as it stays. */
  #watchGap({ box, epoch }: Pick<SyncBatch, "box" | "epoch">, stream: SyncClass, upto: number, open: boolean): void {
    const { clock, tell, reorderMs = 30_000 } = this.#deps;
    const key = `${box} ${stream}`;
    const watched = this.#gaps.get(key);
    if (!open) {
      watched?.timer[Symbol.dispose]();
      this.#gaps.delete(key);
      return;
    }
    if (watched) return;
    const timer = clock.after(reorderMs, () => {
      this.#gaps.delete(key);
      this.#log.warn("a gap stays, asking for it again", { box, stream, from: upto + 1 });
      tell(box, { v: 1, kind: "resend", epoch, stream, from: upto + 1 });
    });
    this.#gaps.set(key, { timer });
  }
}

async function heard(tx: HeadquartersTransaction, box: string, at: number, software?: string): Promise<void> {
  await tx
    .updateTable("box")
    .set({ last_heard_at: at, ...(software !== undefined && { software: software.slice(0, 100) }) })
    .where("box", "=", box)
    .execute();
}

/** Ends the streams of epochs that are over where the last kept item is: what is missing before it will not come any more. */
async function closeGaps(tx: HeadquartersTransaction, box: string, epoch: string): Promise<void> {
  const open = await tx
    .selectFrom("inbox")
    .innerJoin("stream", (join) =>
      join
        .onRef("stream.box", "=", "inbox.box")
        .onRef("stream.stream", "=", "inbox.stream")
        .onRef("stream.epoch", "=", "inbox.epoch")
        .onRef("inbox.seq", ">", "stream.upto"),
    )
    .select((eb) => ["stream.id", eb.fn.max("inbox.seq").as("last")])
    .where("inbox.box", "=", box)
    .where("inbox.epoch", "!=", epoch)
    .groupBy("stream.id")
    .execute();
  for (const { id, last } of open)
    await tx
      .updateTable("stream")
      .set({ upto: Number(last) })
      .where("id", "=", id)
      .execute();
}
