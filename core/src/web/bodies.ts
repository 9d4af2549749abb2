import type { IncomingMessage } from "node:http";
import { WebError } from "./faults.ts";

/** Reads a request's body whole. @throws WebError "too-large" */
export async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new WebError("body-too-large", { bytes: maxBytes });
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const MAX_JSON_BYTES = 1_000_000;

/**
 * Reads a JSON body; none is `undefined`. Only `application/json` is taken: a form of another site cannot send that without asking first.
 * @throws WebError "too-large", "unsupported-type", "invalid"
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const bytes = await readBytes(request, MAX_JSON_BYTES);
  if (bytes.length === 0) return undefined;
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new WebError("body-of-other-type");
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch (cause) {
    // biome-ignore lint/style/useErrorCause: the cause is in the third argument; the rule knows the second only.
    throw new WebError("body-not-json", undefined, { cause });
  }
}

/** One cookie of a request, also of one that asks for a WebSocket. */
export function cookieOf(request: IncomingMessage, name: string): string | undefined {
  for (const pair of request.headers.cookie?.split(";") ?? []) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/**
 * Whether a request comes from our own pages or from no page at all: the second half of the protection that SameSite cookies begin.
 * Browsers state Origin with every unsafe request and every WebSocket; programs need not. `others` are further origins that are ours.
 */
export function fromOwnPage(request: IncomingMessage, others: readonly string[] = []): boolean {
  const origin = request.headers.origin;
  if (origin === undefined) return !["cross-site", "same-site"].includes(String(request.headers["sec-fetch-site"]));
  return others.includes(origin) || (URL.canParse(origin) && new URL(origin).host === request.headers.host);
}
