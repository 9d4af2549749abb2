import { HttpError } from "koa";
import { About, type Problem, type RefusalArgs, type RefusalCode, refusalOf, refusals } from "../contract/index.ts";

/** HTTP statuses of the faults that callers may be told of; whatever is not here is our own failure and stays in the log. */
const statusByFault = {
  invalid: 400,
  "same-password": 400,
  unauthenticated: 401,
  "wrong-password": 401,
  "not-allowed": 403,
  "must-change-password": 403,
  "foreign-origin": 403,
  "not-found": 404,
  "wrong-state": 409,
  conflict: 409,
  "name-taken": 409,
  "too-large": 413,
  "unsupported-type": 415,
  range: 416,
  "too-many-attempts": 429,
  busy: 429,
  storage: 503,
  unavailable: 503,
} as const;
export type WebFault = keyof typeof statusByFault;

interface WebErrorOptions extends ErrorOptions {
  readonly issues?: Problem["issues"];
  /** Says more, in English, than the refusal's own sentence. */
  readonly message?: string;
}

/** The values of the refusal's sentence, left out or undefined where it has none. */
type WebErrorArgs<Code extends RefusalCode> =
  RefusalArgs<Code> extends [infer Values]
    ? [about: Values, options?: WebErrorOptions]
    : [about?: undefined, options?: WebErrorOptions];

/**
 * A request that is answered with a problem: one of the contract's refusals, with the values of its sentence.
 * Other errors with a known `fault` are answered the same way.
 */
export class WebError<Code extends RefusalCode = RefusalCode> extends Error {
  override name = "WebError";
  readonly code: Code;
  readonly fault: WebFault;
  readonly about: About | undefined;
  readonly issues: Problem["issues"];

  constructor(code: Code, ...args: WebErrorArgs<Code>) {
    const [about, options] = args as readonly [About?, WebErrorOptions?];
    const refusal = refusalOf(code, about);
    super(options?.message ?? refusal.message, options);
    this.code = code;
    this.fault = refusal.fault;
    this.about = about;
    this.issues = options?.issues;
  }
}

export interface Answered {
  readonly status: number;
  readonly problem: Problem;
  readonly retryAfterMs?: number;
}

const isWebFault = (fault: unknown): fault is WebFault => typeof fault === "string" && Object.hasOwn(statusByFault, fault);

/** What says more of an error than its fault: the refusal that it is, by which pages say it in their user's language. */
function detailsOf(error: Error & { readonly code?: unknown; readonly about?: unknown }): Partial<Problem> {
  const { code } = error;
  // Errors of Node have codes too.
  if (typeof code !== "string" || !Object.hasOwn(refusals, code)) return {};
  const { data: about } = About.safeParse(error.about);
  const issues = error instanceof WebError ? error.issues : undefined;
  return { code, ...(about && { about }), ...(issues && { issues }) };
}

/** How an error is told to whoever asked. Unknown errors say nothing of their insides. */
export function problemOf(error: unknown): Answered {
  if (error instanceof Error && "fault" in error && isWebFault(error.fault)) {
    const retryAfterMs = "retryAfterMs" in error && typeof error.retryAfterMs === "number" ? error.retryAfterMs : undefined;
    return {
      status: statusByFault[error.fault],
      problem: { fault: error.fault, message: error.message, ...detailsOf(error) },
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  }
  // Koa and its router reject malformed requests with errors that may be shown.
  if (error instanceof HttpError && error.expose)
    return { status: error.status, problem: { fault: "invalid", message: error.message } };
  return { status: 500, problem: { fault: "internal", message: "something went wrong here; the log of this machine says what" } };
}
