import { type Balance, type IncomingText, LineError } from "../../line/index.ts";
import type { Modem } from "../modem/index.ts";
import type { ModemTexts } from "../texts/index.ts";
import { type Operator, type OperatorService, operatorOf, operatorServices } from "./operators.ts";
import { parseBalance } from "./parse-balance.ts";
import { type NetworkDeps, runUssd } from "./ussd.ts";

/** Operators answer texts within a minute or two. */
const ANSWER_MS = 180_000;
/** Why nobody can be asked. */
export const OPERATOR_UNKNOWN = "the SIM is of none of the known operators: state the operator of the line";

/** The ways to an operator. */
export interface OperatorWays extends NetworkDeps {
  /** Runs a service code at the SIM that is asked about. Rejects with {@link LineError}. */
  ussd(code: string, signal: AbortSignal): Promise<string>;
  /** The answer comes as an ordinary text, and is told as one, too. */
  readonly texts: Pick<ModemTexts, "send" | "onText">;
  /** Where the operator's province has other ways. */
  readonly service?: Partial<Pick<OperatorService, "ussd" | "smsTo" | "smsText">>;
}

export type BalanceDeps = Omit<OperatorWays, "ussd">;

/**
 * Asks a modem's operator what is left. "auto" tells the operator by the SIM. Rejects with {@link LineError}, or the signal's reason.
 */
export async function askBalance(
  modem: Modem,
  operator: "auto" | Operator,
  signal: AbortSignal,
  deps: BalanceDeps,
): Promise<Balance> {
  const known = operator === "auto" ? operatorOf(modem.identity.imsi) : operator;
  if (!known) throw new LineError(OPERATOR_UNKNOWN, { code: "operator-unknown" });
  return await askOperator(known, signal, { ...deps, ussd: (code, stop) => runUssd(modem, code, stop, deps) });
}

/**
 * Asks an operator what is left on a SIM: by a service code where it has one that answers, else by a text.
 * Rejects with {@link LineError}, or the signal's reason.
 */
export async function askOperator(operator: Operator, signal: AbortSignal, ways: OperatorWays): Promise<Balance> {
  const service = { ...operatorServices[operator], ...ways.service };
  const yuan = (await byCode(operator, service, signal, ways)) ?? (await byText(operator, service, signal, ways));
  return { yuan, at: ways.clock.now() };
}

async function byCode(
  operator: Operator,
  { ussd }: OperatorService,
  signal: AbortSignal,
  ways: OperatorWays,
): Promise<number | undefined> {
  if (ussd === undefined) return undefined;
  try {
    return parseBalance(operator, await ways.ussd(ussd, signal));
  } catch (err) {
    if (!(err instanceof LineError)) throw err;
    ways.log.info("the balance is not told by service code, asking by text", { err });
    return undefined;
  }
}

async function byText(
  operator: Operator,
  { smsTo, smsText, answersFrom }: OperatorService,
  signal: AbortSignal,
  { texts, clock }: OperatorWays,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  using owned = new DisposableStack();
  const hear = ({ from, text }: IncomingText) => {
    const yuan = from === smsTo || answersFrom.test(from) ? parseBalance(operator, text) : undefined;
    if (yuan !== undefined) resolve(yuan);
  };
  // Heard from before the question is out: the answer may be there before the modem says that the question was sent.
  owned.use(texts.onText(hear));
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  owned.defer(() => signal.removeEventListener("abort", stop));
  owned.use(
    clock.after(ANSWER_MS, () =>
      reject(new LineError(`${smsTo} did not tell the balance within three minutes`, { code: "balance-not-told" })),
    ),
  );
  promise.catch(() => {});
  const outcome = await texts.send(smsTo, smsText, { signal });
  signal.throwIfAborted();
  if (outcome.type === "failed") throw new LineError(`the balance could not be asked of ${smsTo}: ${outcome.reason}`);
  return await promise;
}
