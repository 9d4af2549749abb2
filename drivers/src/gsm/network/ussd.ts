import { type LineRefusal, refusalOf } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { checkServiceCode, LineError } from "../../line/index.ts";
import { AtError } from "../at/index.ts";
import type { Modem } from "../modem/index.ts";
import { decodeUssd, encodeUssd, type UssdForm } from "./ussd-text.ts";

/** Networks answer within seconds, or not at all. */
const ANSWER_MS = 30_000;

export interface NetworkDeps {
  readonly clock: Clock;
  readonly log: Log;
}

interface Session {
  busy: boolean;
  /** The network waits for a choice from its menu. */
  menu: boolean;
}

/** A modem has one service code at a time. */
const sessions = new WeakMap<Modem, Session>();

/** What the network says (27.007 §7.15): a state, and mostly a text with its coding. */
interface Said {
  readonly state: number;
  readonly text: string;
  readonly dcs: number | undefined;
}

function parseSaid(line: string): Said | undefined {
  const [, state, rest = ""] = /^\+CUSD: ?(\d)(.*)$/s.exec(line) ?? [];
  if (state === undefined) return undefined;
  const [, quoted, bare, dcs] = /^,\s*(?:"(.*)"|([^",]*))\s*(?:,\s*(\d+))?\s*$/s.exec(rest) ?? [];
  return { state: Number(state), text: quoted ?? bare ?? "", dcs: dcs === undefined ? undefined : Number(dcs) };
}

const silent = () => new LineError("the network did not answer the service code in time", { code: "network-silent" });

/** Answers the text; otherwise why there is none. */
function textOf({ state, text, dcs }: Said, form: UssdForm): string {
  const answer = decodeUssd(text, dcs, form).trim();
  if (answer !== "" && state <= 2) return answer;
  if (state === 3)
    throw new LineError("another device of this SIM answered the service code", { code: "service-code-elsewhere" });
  if (state === 4)
    throw new LineError("the network does not know service codes, or not this one", { code: "service-code-unknown" });
  if (state === 5) throw silent();
  if (state === 2) throw new LineError("the network ended the service code without an answer", { code: "service-code-ended" });
  return answer;
}

function refusal(error: AtError): LineError {
  const { final, code } = error;
  const known: Readonly<Record<number, LineRefusal>> = {
    4: "modem-without-service-codes",
    10: "sim-missing",
    11: "sim-wants-pin",
    14: "sim-busy",
    30: "no-network",
    31: "network-silent",
    32: "emergency-calls-only",
  };
  const ended = ({ timeout: "modem-silent", gone: "modem-gone" } as const)[final];
  const why = ended ?? (final.startsWith("+CME") && code !== undefined ? known[code] : undefined);
  if (why === undefined) return new LineError(`the modem refuses the service code (${final})`, { cause: error });
  return new LineError(`${refusalOf(why).message} (${final})`, { cause: error, code: why });
}

/**
 * Runs a service code such as *100#, and answers what the network says within 30 s. Where that is a menu, the next call with what is chosen
 * goes on in it. Aborting ends it in the network, too. Orders are refused ({@link checkServiceCode}). Rejects with {@link LineError}, or the
 * signal's reason.
 */
export async function runUssd(modem: Modem, code: string, signal: AbortSignal, deps: NetworkDeps): Promise<string> {
  signal.throwIfAborted();
  checkServiceCode(code, deps.log);
  const session = sessions.get(modem) ?? { busy: false, menu: false };
  sessions.set(modem, session);
  if (session.busy) throw new LineError("another service code is under way", { code: "service-code-under-way" });
  session.busy = true;
  try {
    if (session.menu && /^[*#]/.test(code)) await cancel(modem);
    session.menu = false;
    const said = await ask(modem, code, signal, deps);
    session.menu = said.state === 1;
    return textOf(said, modem.profile.ussd);
  } finally {
    session.busy = false;
  }
}

async function ask(modem: Modem, code: string, signal: AbortSignal, { clock, log }: NetworkDeps): Promise<Said> {
  const { promise, resolve, reject } = Promise.withResolvers<Said>();
  // It may fail while the modem still takes the command.
  promise.catch(() => {});
  using owned = new DisposableStack();
  owned.use(
    modem.at.onUnsolicited((line) => {
      const said = parseSaid(line);
      if (said) resolve(said);
    }),
  );
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  owned.defer(() => signal.removeEventListener("abort", stop));
  const gone = () => reject(new LineError("the modem is gone", { code: "modem-gone" }));
  modem.over.addEventListener("abort", gone, { once: true });
  owned.defer(() => modem.over.removeEventListener("abort", gone));
  try {
    await begin(modem, code, signal);
    owned.use(clock.after(ANSWER_MS, () => reject(silent())));
    return await promise;
  } catch (error) {
    if (!modem.over.aborted) await cancel(modem);
    log.info("a service code failed", { err: error, pii: { code } });
    throw error;
  }
}

/** Firmware differs in which form it takes, against its own manual: the profile's is tried first. */
async function begin(modem: Modem, code: string, signal: AbortSignal): Promise<void> {
  const own = modem.profile.ussd;
  let refused: AtError | undefined;
  for (const form of new Set<UssdForm>([own, "text", "ucs2"])) {
    const encoded = encodeUssd(code, form);
    if (encoded === undefined) continue;
    try {
      if (form !== "packed") await modem.at.send(`+CSCS="${form === "ucs2" ? "UCS2" : "GSM"}"`, { signal }).catch(ignoreRefusal);
      await modem.at.send(`+CUSD=1,"${encoded}",15`, { signal });
      return;
    } catch (error) {
      if (!(error instanceof AtError)) throw error;
      // A number says more than that it was not understood: another form would not help.
      if (error.final !== "ERROR") throw refusal(error);
      refused = error;
    } finally {
      if (form === "text" && own === "ucs2") await restore(modem);
    }
  }
  throw refused ? refusal(refused) : new LineError("the modem cannot send this service code");
}

/** Words in other answers, such as the operator's name, are read as the profile's set-up wants them. */
async function restore(modem: Modem): Promise<void> {
  await modem.at.send('+CSCS="UCS2"').catch(ignoreRefusal);
}

async function cancel(modem: Modem): Promise<void> {
  await modem.at.send("+CUSD=2").catch(ignoreRefusal);
}

function ignoreRefusal(error: unknown): readonly string[] {
  if (error instanceof AtError) return [];
  throw error;
}
