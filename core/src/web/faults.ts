import { HttpError } from "koa";
import type { z } from "zod";
import type { Problem } from "../contract/index.ts";

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

/** A request that is answered with a problem. Other errors with a known `fault` are answered the same way. */
export class WebError extends Error {
  override name = "WebError";
  readonly fault: WebFault;
  readonly issues: Problem["issues"];

  constructor(fault: WebFault, message: string, options: ErrorOptions & { issues?: Problem["issues"] } = {}) {
    super(message, options);
    this.fault = fault;
    this.issues = options.issues;
  }
}

/** What was wrong in which field, as people and forms can use it. */
export const issuesOf = (error: z.ZodError): Problem["issues"] =>
  error.issues.map(({ path, message }) => ({ path: path.map(String).join("."), message }));

export interface Answered {
  readonly status: number;
  readonly problem: Problem;
  readonly retryAfterMs?: number;
}

const isWebFault = (fault: unknown): fault is WebFault => typeof fault === "string" && Object.hasOwn(statusByFault, fault);

/** How an error is told to whoever asked. Unknown errors say nothing of their insides. */
export function problemOf(error: unknown): Answered {
  if (error instanceof Error && "fault" in error && isWebFault(error.fault)) {
    const issues = error instanceof WebError ? error.issues : undefined;
    const retryAfterMs = "retryAfterMs" in error && typeof error.retryAfterMs === "number" ? error.retryAfterMs : undefined;
    return {
      status: statusByFault[error.fault],
      problem: { fault: error.fault, message: error.message, ...(issues && { issues }) },
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    };
  }
  // Koa and its router reject malformed requests with errors that may be shown.
  if (error instanceof HttpError && error.expose)
    return { status: error.status, problem: { fault: "invalid", message: error.message } };
  return { status: 500, problem: { fault: "internal", message: "something went wrong here; the log of this machine says what" } };
}
