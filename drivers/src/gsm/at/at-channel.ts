/** How long and for what a command waits. */
export interface AtOptions {
  /** Until the final result code (27.007 §4, V.250 §5.7). The profile's usual one when absent. */
  readonly timeoutMs?: number;
  /** Written behind the modem's "> ", with a Ctrl-Z behind it: the PDU of a text (27.005 §3.5.1). */
  readonly payload?: string;
  /** Aborting gives up a command that has not been written yet; one that runs is waited for, as the modem would mix the answers up. */
  readonly signal?: AbortSignal;
}

/** "+CPIN=" of "+CPIN=1234": what is behind it, numbers and secrets, belongs into no log. */
export const nameOf = (command: string): string => /^[+^*$%#&]?[A-Z]*[=?]?/i.exec(command)?.[0] ?? "";

/** The modem answered a command with an error, or not at all. */
export class AtError extends Error {
  override name = "AtError";
  /** The final result as it came, e.g. "+CME ERROR: 10", "NO CARRIER", "BUSY"; "timeout", "gone" or "refused" where there was none. */
  readonly final: string;
  /** The number behind +CME ERROR or +CMS ERROR (27.007 §9.2, 27.005 §3.2.5). */
  readonly code: number | undefined;

  constructor(command: string, final: string) {
    super(`AT${nameOf(command)} was answered with ${final}`);
    this.final = final;
    const code = /ERROR: (\d+)/.exec(final)?.[1];
    this.code = code === undefined ? undefined : Number(code);
  }
}

/** Commands to one modem and what it says by itself. One command at a time, in the order they were asked for. */
export interface AtChannel extends AsyncDisposable {
  /**
   * Runs a command such as "+CSQ" ("AT" is put in front) and answers with its lines of information, without echo and final result code.
   * Rejects with {@link AtError}; with "refused" where the command is none of those in allowed.ts.
   */
  send(command: string, options?: AtOptions): Promise<readonly string[]>;
  /** Hears of every unsolicited line ("RING", "+CMTI: …") until the result is disposed. Lines that carry a PDU behind them come joined by "\n". */
  onUnsolicited(listener: (line: string) => void): Disposable;
  /** Resolves when nothing more can be said: the port is gone, or the modem did not answer several times. The reason is for people. */
  readonly lost: Promise<string>;
}
