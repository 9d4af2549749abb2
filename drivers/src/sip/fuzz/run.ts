import { listOf, parseMessage, parseNameAddr, refusalOf, responseTo, StreamFramer, serialize } from "../parser/index.ts";
import { parseSdp } from "../sdp/index.ts";
import { corpus } from "./corpus.ts";
import { mutated, seeded } from "./mutate.ts";

export interface FuzzFigures {
  readonly messages: number;
  readonly readable: number;
  readonly malformed: number;
  /** Messages that threw, or said something else when written out and read again; each with the seed that makes it again. */
  readonly failures: readonly { readonly seed: number; readonly problem: string; readonly message: string }[];
  readonly tookMs: number;
}

const LISTS = ["contact", "route", "record-route", "require", "supported", "accept"];

/** Reads a message with all that reads messages. Gives what is wrong, or nothing. */
function problemOf(bytes: Buffer, random: () => number): "readable" | "malformed" | { readonly problem: string } {
  const message = parseMessage(bytes);
  const framer = new StreamFramer();
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + Math.floor(random() * 200);
    framer.push(bytes.subarray(at, at + length));
    at += length;
  }
  if (message.type === "malformed") {
    const refusal = refusalOf(message, "tag");
    // What could not be read is repeated to its sender, but must not become lines of our own.
    const stray = refusal && /[\r\n]/.test(refusal.toString("latin1").replaceAll("\r\n", ""));
    return stray ? { problem: "a refusal with a line break inside a line" } : "malformed";
  }
  for (const name of LISTS) for (const value of listOf(message, name) ?? []) parseNameAddr(value);
  parseSdp(Buffer.from(message.body).toString("utf8"));
  const again = parseMessage(serialize(message));
  if (again.type !== message.type)
    return { problem: `written out it is ${again.type === "malformed" ? again.reason : again.type}` };
  if (message.type === "request" && parseMessage(serialize(responseTo(message, 200))).type !== "response")
    return { problem: "its answer cannot be read" };
  return "readable";
}

/** Reads `count` mutated messages; message n comes of seed `seed + n`. Never throws. */
export function fuzzParser(count: number, { seed = 1, now = () => performance.now() } = {}): FuzzFigures {
  const startedAt = now();
  let readable = 0;
  let malformed = 0;
  const failures: { seed: number; problem: string; message: string }[] = [];
  for (let n = 0; n < count; n++) {
    const random = seeded(seed + n);
    const base = corpus[Math.floor(random() * corpus.length)] ?? Buffer.alloc(0);
    const bytes = mutated(base, random, corpus);
    const found = verdict(bytes, random);
    if (found === "readable") readable++;
    else if (found === "malformed") malformed++;
    else failures.push({ seed: seed + n, problem: found.problem, message: bytes.toString("latin1") });
  }
  return { messages: count, readable, malformed, failures, tookMs: now() - startedAt };
}

function verdict(bytes: Buffer, random: () => number): ReturnType<typeof problemOf> {
  try {
    return problemOf(bytes, random);
  } catch (error) {
    return { problem: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
