/** Parameters of a header or URI in order: names in lower case, values without quotes, undefined for a bare name. */
export type Params = ReadonlyMap<string, string | undefined>;

export const noParams: Params = new Map();

/** token of RFC 3261 §25.1. */
export const TOKEN = /^[A-Za-z0-9\-.!%*_+`'~]+$/;

/** What may stand unquoted as the value of a parameter: a token or a host (brackets and colons of IPv6). */
const VALUE = /^[A-Za-z0-9\-.!%*_+`'~[\]:/&$]+$/;

/**
 * Splits at `separator` where it stands outside "quotes" and <angle brackets>.
 * @returns undefined when the quotes or brackets do not balance.
 */
export function splitOutside(text: string, separator: string): readonly string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  let angled = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char === "\\") at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "<") {
      if (angled) return undefined;
      angled = true;
    } else if (char === ">") {
      if (!angled) return undefined;
      angled = false;
    } else if (char === separator && !angled) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  return quoted || angled ? undefined : [...parts, text.slice(from)];
}

/** Reads a whole quoted-string, escapes resolved; undefined when `text` is anything else. */
export function unquote(text: string): string | undefined {
  if (text.length < 2 || !text.startsWith('"')) return undefined;
  let value = "";
  for (let at = 1; at < text.length; at++) {
    const char = text[at] ?? "";
    if (char === '"') return at === text.length - 1 ? value : undefined;
    if (char === "\\") at++;
    value += char === "\\" ? (text[at] ?? "") : char;
  }
  return undefined;
}

export const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

/** Reads one `name`, `name=value` or `name="value"`. */
export function parseParam(text: string): readonly [string, string | undefined] | undefined {
  const equals = text.indexOf("=");
  const name = (equals < 0 ? text : text.slice(0, equals)).trim();
  if (!TOKEN.test(name)) return undefined;
  if (equals < 0) return [name.toLowerCase(), undefined];
  const raw = text.slice(equals + 1).trim();
  const value = raw.startsWith('"') ? unquote(raw) : VALUE.test(raw) ? raw : undefined;
  return value === undefined ? undefined : [name.toLowerCase(), value];
}

/** Reads `;a=b;c`, or an empty text. A name that comes twice is refused (RFC 3261 §7.3.1). */
export function parseParams(text: string): Params | undefined {
  if (text.trim() === "") return noParams;
  const parts = splitOutside(text, ";");
  if (parts?.[0]?.trim() !== "") return undefined;
  const params = new Map<string, string | undefined>();
  for (const part of parts.slice(1)) {
    const param = parseParam(part);
    if (!param || params.has(param[0])) return undefined;
    params.set(...param);
  }
  return params;
}

export function formatParams(params: Params): string {
  let text = "";
  for (const [name, value] of params)
    text += value === undefined ? `;${name}` : `;${name}=${VALUE.test(value) ? value : quote(value)}`;
  return text;
}
