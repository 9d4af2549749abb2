/** What a modem's bytes say: a line, the prompt behind which a text is written, or our own words that it repeats. */
export type AtToken = { readonly type: "line"; readonly text: string } | { readonly type: "prompt" } | { readonly type: "echo" };

/** A line is cut here: no modem says more at once, noise may. */
export const LONGEST_LINE = 4_096;

const CR = 0x0d;
const LF = 0x0a;
const CTRL_Z = 0x1a;
const ESC = 0x1b;

/** A command as we write it. No modem begins a line of its own so. */
const echoed = /^AT(?:$|[+^*$%&#]|[DEHIAVQZXSL][^ ]*$)/i;
/** Unsolicited lines with a PDU in the line behind them (27.005 §3.4.1). */
const beforePdu = /^\+(?:CMT|CDS|CBM):/;
/** The text of a USSD answer may have line feeds and quotes of its own in it (27.007 §7.15). */
const serviceText = /^\+CUSD:[^"]*"(.*)$/s;
/** The quote behind which its coding stands ends it. */
const ended = /"\s*,\s*\d+$/;
const finalOrPrefixed = /^(?:OK|ERROR|[+^][A-Z]+: ?.*)$/;

/** Cuts a modem's bytes into tokens: the same ones however the bytes are cut into chunks. */
export class AtTokenizer {
  #line = "";
  /** A line whose other part is in the next one. */
  #held: string | undefined;

  push(chunk: Uint8Array): AtToken[] {
    const tokens: AtToken[] = [];
    for (const byte of chunk) this.#byte(byte, tokens);
    return tokens;
  }

  #byte(byte: number, tokens: AtToken[]): void {
    if (byte === CR || byte === LF) {
      this.#end(tokens);
      return;
    }
    if (byte === CTRL_Z || byte === ESC) {
      // They end what we write behind a prompt, so what stood before them is ours.
      this.#line = "";
      tokens.push({ type: "echo" });
      return;
    }
    // NULs come while a modem starts; other control characters are noise.
    if (byte < 0x20 || byte === 0x7f) return;
    if (this.#line.length < LONGEST_LINE) this.#line += String.fromCharCode(byte);
    if (this.#line === "> ") {
      this.#line = "";
      tokens.push({ type: "prompt" });
    }
  }

  #end(tokens: AtToken[]): void {
    const text = this.#line.trim();
    this.#line = "";
    if (text === "") return;
    if (text === ">") tokens.push({ type: "prompt" });
    else if (echoed.test(text)) tokens.push({ type: "echo" });
    else this.#text(text, tokens);
  }

  #text(text: string, tokens: AtToken[]): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined && belongs(held, text)) {
      const joined = `${held}\n${text}`;
      if (isOpen(joined) && joined.length < LONGEST_LINE) this.#held = joined;
      else tokens.push({ type: "line", text: joined.slice(0, LONGEST_LINE) });
      return;
    }
    if (held !== undefined) tokens.push({ type: "line", text: held });
    if (beforePdu.test(text) || isOpen(text)) this.#held = text;
    else tokens.push({ type: "line", text });
  }
}

/** Whether more of a service's answer is to come. Where it ends without a coding, quotes of its own are taken to come in pairs. */
function isOpen(line: string): boolean {
  const text = serviceText.exec(line)?.[1];
  if (text === undefined || ended.test(text)) return false;
  return !text.endsWith('"') || text.split('"').length % 2 === 1;
}

/** Whether a line goes with the one before it; where bytes were lost, what follows may be something else. */
function belongs(held: string, text: string): boolean {
  return beforePdu.test(held) ? /^[0-9A-F]+$/i.test(text) : !finalOrPrefixed.test(text);
}
