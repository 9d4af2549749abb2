import { extname, join, normalize } from "node:path";
import type { Context, Middleware } from "koa";
import { WebError } from "./faults.ts";
import { fileFacts, sendFile } from "./files.ts";

export interface Pages {
  /** The built UI: a folder an entry, and assets/ with hashed names. */
  readonly dir: string;
  /** Entries that this server shows, e.g. "desk". */
  readonly entries: readonly string[];
  /** The entry that "/" leads to. */
  readonly home: string;
}

const FOREVER = "public, max-age=31536000, immutable";
const ASK_AGAIN = "no-cache";

/** Whole path below the folder; undefined where it would lead out of it. */
function inside(dir: string, path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  const clean = normalize(decoded);
  return clean.startsWith("/") && !clean.includes("\0") && !clean.includes("\\") ? join(dir, clean) : undefined;
}

async function show(ctx: Context, { dir, entries, home }: Pages): Promise<void> {
  const [, first = "", ...rest] = ctx.path.split("/");
  if (ctx.path === "/") return ctx.redirect(`/${home}/`);
  const entry = entries.includes(first) ? first : undefined;
  if (entry && rest.length === 0) return ctx.redirect(`/${entry}/`);
  const file = inside(dir, ctx.path);
  const type = extname(file ?? "");
  if (file && type !== "" && (entry || type !== ".html") && (await fileFacts(file)))
    return sendFile(ctx, file, { type, cache: first === "assets" ? FOREVER : ASK_AGAIN });
  if (!entry || type !== "") throw new WebError("no-such-page");
  const page = join(dir, entry, "index.html");
  if (!(await fileFacts(page))) throw new WebError("pages-not-built");
  return sendFile(ctx, page, { type: ".html", cache: ASK_AGAIN });
}

/** Shows the built UI. Paths without an extension below an entry are its own routes and get its page. */
export function pages(shown: Pages): Middleware {
  return (ctx, next) => (["GET", "HEAD"].includes(ctx.method) && !ctx.path.startsWith("/api/") ? show(ctx, shown) : next());
}
