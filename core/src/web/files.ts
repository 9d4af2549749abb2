import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Context } from "koa";
import { WebError } from "./faults.ts";

/** First and last byte of a single range, "unsatisfiable", or undefined where the whole is to be sent (RFC 9110 §14.2). */
export function rangeOf(header: string | undefined, size: number): { first: number; last: number } | "unsatisfiable" | undefined {
  const [, from = "", to = ""] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
  return first > last ? "unsatisfiable" : { first, last };
}

/** The size and time of a plain file; undefined where there is none. */
export async function fileFacts(path: string): Promise<{ size: number; mtimeMs: number; mtime: Date } | undefined> {
  try {
    const facts = await stat(path);
    return facts.isFile() ? facts : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && ["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(String(error.code)))
      return undefined;
    throw error;
  }
}

/** Answers with a file: validators, conditional requests, one range. @throws WebError "not-found", "range" */
export async function sendFile(ctx: Context, path: string, { type, cache }: { type: string; cache: string }): Promise<void> {
  const facts = await fileFacts(path);
  if (!facts) throw new WebError("no-such-file");
  ctx.type = type;
  ctx.set("cache-control", cache);
  ctx.set("accept-ranges", "bytes");
  ctx.etag = `"${facts.size.toString(36)}-${Math.round(facts.mtimeMs).toString(36)}"`;
  ctx.lastModified = facts.mtime;
  ctx.status = 200;
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  const ifRange = ctx.get("if-range");
  const range = ifRange === "" || ifRange === ctx.response.get("etag") ? rangeOf(ctx.get("range"), facts.size) : undefined;
  if (range === "unsatisfiable") {
    ctx.set("content-range", `bytes */${facts.size}`);
    throw new WebError("range-beyond-end");
  }
  const { first, last } = range ?? { first: 0, last: facts.size - 1 };
  if (range) {
    ctx.status = 206;
    ctx.set("content-range", `bytes ${first}-${last}/${facts.size}`);
  }
  ctx.length = last - first + 1;
  if (ctx.method === "HEAD") return;
  ctx.body = facts.size === 0 ? Buffer.alloc(0) : createReadStream(path, { start: first, end: last });
  ctx.type = type;
  ctx.length = last - first + 1;
}
