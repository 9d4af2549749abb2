import { rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "@sitebox/core/kernel";

/** Room for the database's own files and some hundred tickets. */
const RESERVE_BYTES = 16 * 1024 * 1024;
/** The reserve is laid aside only where it takes nothing from anybody. */
const PLENTY_BYTES = 20 * RESERVE_BYTES;

const fileOf = (dir: string) => join(dir, "reserve");
const freeBytes = async (dir: string) => {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
};

/** Gives the room up that was laid aside: the disk is full, and calls and tickets need it now. */
export async function giveUpReserve(dir: string, log: Log): Promise<void> {
  const file = fileOf(dir);
  if ((await stat(file).catch(() => undefined)) === undefined) return;
  await rm(file, { force: true });
  log.error("the disk is full: the reserve is given up so that the box goes on for a while; free space in the data folder");
}

/**
 * Opens what needs room on a disk that may be full: a file laid aside in better times is given up for it, so that a box
 * with a full disk still starts, answers, and tells that its disk is full. It is laid aside again when there is room.
 */
export async function withReserve<T>(dir: string, log: Log, open: () => Promise<T>): Promise<T> {
  if ((await freeBytes(dir)) < RESERVE_BYTES) await giveUpReserve(dir, log);
  const opened = await open();
  const kept = await stat(fileOf(dir)).catch(() => undefined);
  if (kept === undefined && (await freeBytes(dir)) > PLENTY_BYTES)
    await writeFile(fileOf(dir), Buffer.alloc(RESERVE_BYTES), { mode: 0o600 });
  return opened;
}
