import type { GatewayLine } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { askOperator, OPERATOR_UNKNOWN, operatorOf } from "../gsm/network/index.ts";
import { type Balance, type Line, LineError, type TextPort } from "../line/index.ts";
import type { Management, PortReport } from "./management.ts";

export interface BalancesDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly ports: GatewayLine["ports"];
  readonly management: Management;
  readonly texts: TextPort;
  readonly ussd: NonNullable<Line["ussd"]>;
  /** One of them has told. */
  onTold(): void;
}

interface Told {
  readonly balance: Balance;
  /** Whose it is; undefined where the gateway does not tell. */
  readonly imsi: string | undefined;
}

/** What is left on each SIM of a gateway, as its operator told by the socket that the SIM is in. */
export class Balances {
  readonly #deps: BalancesDeps;
  readonly #told = new Map<number, Told>();

  constructor(deps: BalancesDeps) {
    this.#deps = deps;
  }

  /** By socket, of the SIMs that are in them now. */
  get known(): ReadonlyMap<number, Balance> {
    const reports = this.#reports();
    const own = [...this.#told].filter(([port, { imsi }]) => {
      const now = reports.find((report) => report.port === port)?.imsi;
      return imsi === undefined || now === undefined || now === imsi;
    });
    return new Map(own.map(([port, { balance }]) => [port, balance]));
  }

  /**
   * Asks the operators of all SIMs that have a network, all at once. Answers the least that is left. Rejects with {@link LineError} where none
   * of them tells, or with the signal's reason.
   */
  async ask(signal: AbortSignal): Promise<Balance> {
    const { ports, log } = this.#deps;
    const failures: { readonly port: number; readonly err: unknown }[] = [];
    const asked = ports.map(async (own) => {
      try {
        return [await this.#askPort(own, signal)];
      } catch (err) {
        if (!(err instanceof LineError) && !signal.aborted) throw err;
        log.info("the balance of a SIM is not known", { port: own.port, err });
        failures.push({ port: own.port, err });
        return [];
      }
    });
    const least = leastOf((await Promise.all(asked)).flat());
    if (least) return least;
    signal.throwIfAborted();
    const [only, ...others] = failures;
    if (only && others.length === 0) throw only.err;
    const told = failures.map(({ port, err }) => `port ${port}: ${err instanceof Error ? err.message : "it is not told"}`);
    throw new LineError(told.join("; "));
  }

  async #askPort({ port, operator }: GatewayLine["ports"][number], signal: AbortSignal): Promise<Balance> {
    const { clock, log, management, texts, ussd } = this.#deps;
    const report = this.#reports().find((one) => one.port === port);
    if (report?.state === "down") throw new LineError(report.reason ?? report.fault ?? "it is down");
    const known = operator === "auto" ? operatorOf(report?.imsi) : operator;
    if (!known) throw new LineError(OPERATOR_UNKNOWN, { code: "operator-unknown" });
    const balance = await askOperator(known, signal, {
      clock,
      log,
      ussd: (code, stop) => ussd(code, { signal: stop, port }),
      texts: {
        send: (to, text, options) => texts.send(to, text, { ...options, port }),
        onText: (listener) =>
          management.onText((text) => {
            if (text.port === port) listener(text);
          }),
      },
    });
    this.#told.set(port, { balance, imsi: report?.imsi });
    this.#deps.onTold();
    return balance;
  }

  #reports(): readonly PortReport[] {
    const { ports } = this.#deps.management;
    return ports.type === "known" ? ports.ports : [];
  }
}

/** The one with the least money. */
export function leastOf(balances: Iterable<Balance>): Balance | undefined {
  let least: Balance | undefined;
  for (const balance of balances) if (!least || balance.yuan < least.yuan) least = balance;
  return least;
}
