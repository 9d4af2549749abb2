/** A call as +CLCC lists it (27.007 §7.18). */
export interface ListedCall {
  readonly id: number;
  readonly direction: "in" | "out";
  readonly state: "active" | "held" | "dialling" | "alerting" | "incoming" | "waiting";
  /** Absent where the list has none, as before the caller's number has come. */
  readonly number?: string;
}

/** Why a call ended, as far as the modem said. */
export interface EndHint {
  /** 24.008 annex H, which has Q.850's numbers. */
  readonly cause?: number;
  readonly word?: "busy" | "no-answer" | "no-carrier";
  /** As it came, for people. */
  readonly text: string;
}

/** What a modem says by itself about calls. */
export type Notice =
  | { readonly type: "ring" }
  /** The number of the call that rings; empty where it is withheld. */
  | { readonly type: "caller"; readonly number: string }
  | { readonly type: "waiting" }
  | { readonly type: "finished"; readonly hint: EndHint };

const STATES: readonly ListedCall["state"][] = ["active", "held", "dialling", "alerting", "incoming", "waiting"];
/** Data and fax: Quectel's modems list their own LTE data connection as a call. */
const NOT_VOICE = /^[12678]$/;

/** The voice calls in the answer to +CLCC; lines that cannot be read are left out. */
export function parseCalls(lines: readonly string[]): readonly ListedCall[] {
  const calls = new Map<number, ListedCall>();
  for (const line of lines) {
    const [, id, direction, stat, mode = "", rest = ""] = /^\+CLCC: ?(\d),([01]),([0-5]),(\d)(?:,[01](,.*)?)?$/.exec(line) ?? [];
    const state = STATES[Number(stat)];
    if (id === undefined || !state || NOT_VOICE.test(mode)) continue;
    const number = numberIn(rest.slice(1));
    calls.set(Number(id), {
      id: Number(id),
      direction: direction === "0" ? "out" : "in",
      state,
      ...(number !== undefined && number !== "" && { number }),
    });
  }
  return [...calls.values()];
}

/** What an unsolicited line says about calls; undefined where it says nothing about them. */
export function parseNotice(line: string): Notice | undefined {
  if (line === "RING" || line.startsWith("+CRING:")) return { type: "ring" };
  if (line.startsWith("+CCWA:")) return { type: "waiting" };
  if (line.startsWith("+CLIP:")) {
    const number = numberIn(line.slice("+CLIP:".length).trimStart());
    return number === undefined ? { type: "ring" } : { type: "caller", number };
  }
  const hint = parseEnd(line);
  return hint && { type: "finished", hint };
}

/** A line or a final result code that says that a call is over. */
export function parseEnd(line: string): EndHint | undefined {
  if (line === "BUSY") return { word: "busy", text: line };
  if (line === "NO ANSWER") return { word: "no-answer", text: line };
  if (line === "NO CARRIER" || line === "NO DIALTONE" || line === "NO DIAL TONE") return { word: "no-carrier", text: line };
  if (/^VOICE CALL: ?END/.test(line)) return { text: line };
  // ^CEND:<call>,<seconds>,<end status>[,<cause>]
  const cend = /^\^CEND: ?\d+,\d+,\d+(?:,(\d+))?$/.exec(line);
  return cend ? { text: line, ...(cend[1] !== undefined && { cause: Number(cend[1]) }) } : undefined;
}

/** The number at the start of `"<number>",<type>…`, as the network states it; undefined where nothing of that kind is there. */
function numberIn(text: string): string | undefined {
  const [, quoted, type] = /^"([^"]*)"(?:,(\d+))?/.exec(text) ?? [];
  if (quoted === undefined) return undefined;
  const number = fromUcs2(quoted);
  // Type of number "international" (24.008 §10.5.4.7): its + is in the type, and with some modems only there.
  return type === "145" && number !== "" && !number.startsWith("+") ? `+${number}` : number;
}

/** With +CSCS="UCS2" some modems write numbers as UCS2 too: "00310033…". No number looks so by itself. */
function fromUcs2(text: string): string {
  return /^(?:00(?:3\d|2[ABab3])){3,}$/.test(text) ? Buffer.from(text, "hex").swap16().toString("utf16le") : text;
}
