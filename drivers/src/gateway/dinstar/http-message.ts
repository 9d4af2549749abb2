import { HIDDEN } from "../../transcript/index.ts";

export interface HttpRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  /** The server's word for it. */
  readonly reason: string;
  readonly version: string;
  /** Names in small letters. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Without how it was packed for the way. */
  readonly body: Buffer;
}

/** The request as it is traced: without what proves who we are. */
export function formatRequest({ method, path, headers, body }: HttpRequest): Buffer {
  const shown = Object.entries(headers).map(([name, value]) => [name, name === "authorization" ? HIDDEN : value] as const);
  return format(`${method} ${path} HTTP/1.1`, shown, body);
}

export function formatAnswer({ status, reason, version, headers, body }: HttpAnswer): Buffer {
  return format(`HTTP/${version} ${status} ${reason}`, headers, body);
}

/** Reads what {@link formatAnswer} has written. */
export function parseAnswer(bytes: Uint8Array): HttpAnswer {
  const whole = Buffer.from(bytes);
  const end = whole.indexOf(END_OF_HEAD);
  const [first = "", ...lines] = whole.subarray(0, Math.max(0, end)).toString("utf8").split("\r\n");
  const [, version = "", status = "0", reason = ""] = /^HTTP\/(\S+) (\d+) ?(.*)$/.exec(first) ?? [];
  const headers = lines.map((line) => {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon), line.slice(colon + 2)] as const;
  });
  return { status: Number(status), reason, version, headers, body: whole.subarray(end + END_OF_HEAD.length) };
}

/** What a header says; empty where it is not there. */
export function headerOf({ headers }: HttpAnswer, wanted: string): string {
  return headers.flatMap(([name, value]) => (name === wanted ? [value] : [])).join(", ");
}

const END_OF_HEAD = "\r\n\r\n";

function format(first: string, headers: HttpAnswer["headers"], body: Buffer): Buffer {
  const lines = [first, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(lines.join("\r\n") + END_OF_HEAD), body]);
}
