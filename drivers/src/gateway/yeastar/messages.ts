import { HIDDEN } from "../../transcript/index.ts";
import { textOfBytes } from "../answer-text.ts";
import { ManagementError } from "../management.ts";

/** No message of theirs is longer than a few KB. */
const MAX_MESSAGE_BYTES = 65_536;
const BLANK = "\r\n\r\n";
const END_OF_OUTPUT = "--END COMMAND--";

/** One message of the gateway: named fields and what else it said, line by line. */
export interface TgMessage {
  readonly fields: ReadonlyMap<string, string>;
  /** What a command printed; empty where it printed nothing. */
  readonly output: string;
}

/**
 * Cuts what a Yeastar TG says over TCP into messages (the form of Asterisk's manager: "Name: value" lines up to a blank one). What a command
 * prints may have blank lines itself and ends with a mark of its own, which need not be on a line of its own.
 */
export class TgFramer {
  #pending: Buffer = Buffer.alloc(0);

  /** The messages that are whole now. @throws ManagementError when one does not end. */
  push(bytes: Uint8Array): readonly TgMessage[] {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const messages: TgMessage[] = [];
    for (let raw = this.#take(); raw !== undefined; raw = this.#take()) messages.push(parseTgMessage(raw));
    if (this.#pending.length > MAX_MESSAGE_BYTES) throw new ManagementError("its message does not end", { fault: "failed" });
    return messages;
  }

  #take(): string | undefined {
    let start = 0;
    while (this.#pending[start] === 0x0d || this.#pending[start] === 0x0a) start++;
    this.#pending = this.#pending.subarray(start);
    const isOutput = /^(?:Asterisk[^\r\n]*\r\n)?Response: Follows\r?\n/i.test(this.#pending.subarray(0, 256).toString("latin1"));
    const mark = isOutput ? END_OF_OUTPUT : BLANK;
    const end = this.#pending.indexOf(mark);
    if (end < 0) return undefined;
    const raw = textOfBytes(this.#pending.subarray(0, end));
    this.#pending = this.#pending.subarray(end + mark.length);
    return raw;
  }
}

/** Field names in small letters; of a command's answer, everything after its own two or three fields is output. */
function parseTgMessage(raw: string): TgMessage {
  const fields = new Map<string, string>();
  const lines = raw.split(/\r\n|\n/);
  const output: string[] = [];
  const isOutput = lines.some((line) => /^Response: Follows$/i.test(line));
  for (const line of lines) {
    const [, name = "", value = ""] = /^([A-Za-z][A-Za-z0-9 ]*):\s?(.*)$/.exec(line) ?? [];
    const known = !isOutput || ["response", "privilege", "actionid", "message"].includes(name.toLowerCase());
    if (name !== "" && known && output.length === 0 && !fields.has(name.toLowerCase()))
      fields.set(name.toLowerCase(), value.trim());
    else if (!/^Asterisk /.test(line)) output.push(line);
  }
  return { fields, output: output.join("\n").trim() };
}

/** What goes over the connection without the password of the login, for transcripts. */
export function withoutSecret(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const shown = text.replace(/^(Action: Login\r\nUsername: [^\r\n]*\r\nSecret: )[^\r\n]*/, `$1${HIDDEN}`);
  return shown === text ? bytes : Buffer.from(shown, "latin1");
}
