import { type Balance, type IncomingText, LineError } from "../../line/index.ts";
import type { Modem } from "../modem/index.ts";
import type { ModemTexts } from "../texts/index.ts";
import { type Operator, type OperatorService, operatorOf, operatorServices } from "./operators.ts";
import { parseBalance } from "./parse-balance.ts";
import { type NetworkDeps, runUssd } from "./ussd.ts";

/** Operators answer texts within a minute or two. */
const ANSWER_MS = 180_000;

export interface BalanceDeps extends NetworkDeps {
  /** The answer comes as an ordinary text, and is told as one, too. */
  readonly texts: Pick<ModemTexts, "send" | "onText">;
  /** Where the operator's province has other ways. */
  readonly service?: Partial<Pick<OperatorService, "ussd" | "smsTo" | "smsText">>;
}

/**
 * Asks the operator what is left: by a service code where it has one that answers, else by a text. "auto" tells the operator by the SIM.
 * Rejects with {@link LineError}, or the signal's reason.
 */
export async function askBalance(
  modem: Modem,
  operator: "auto" | Operator,
  signal: AbortSignal,
  deps: BalanceDeps,
): Promise<Balance> {
  const known = operator === "auto" ? operatorOf(modem.identity.imsi) : operator;
  if (!known) throw new LineError("the SIM is of none of the known operators: state the operator of the line");
  const service = { ...operatorServices[known], ...deps.service };
  const yuan = (await byCode(modem, known, service, signal, deps)) ?? (await byText(known, service, signal, deps));
  return { yuan, at: deps.clock.now() };
}

async function byCode(
  modem: Modem,
  operator: Operator,
  { ussd }: OperatorService,
  signal: AbortSignal,
  deps: BalanceDeps,
): Promise<number | undefined> {
  if (ussd === undefined) return undefined;
  try {
    return parseBalance(operator, await runUssd(modem, ussd, signal, deps));
  } catch (err) {
    if (!(err instanceof LineError)) throw err;
    deps.log.info("the balance is not told by service code, asking by text", { err });
    return undefined;
  }
}

async function byText(
  operator: Operator,
  { smsTo, smsText, answersFrom }: OperatorService,
  signal: AbortSignal,
  { texts, clock }: BalanceDeps,
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
  owned.use(clock.after(ANSWER_MS, () => reject(new LineError(`${smsTo} did not tell the balance within three minutes`))));
  promise.catch(() => {});
  const outcome = await texts.send(smsTo, smsText, { signal });
  signal.throwIfAborted();
  if (outcome.type === "failed") throw new LineError(`the balance could not be asked of ${smsTo}: ${outcome.reason}`);
  return await promise;
}
