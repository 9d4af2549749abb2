import type { Problem } from "@sitebox/core/contract";

/** What a page says of a call that did not succeed: its fault and, where the server told them, its code with its values. */
export type Refused = Pick<Problem, "fault" | "code" | "about" | "issues">;

interface ClientErrorOptions extends ErrorOptions, Pick<Problem, "code" | "about" | "issues"> {
  readonly status?: number | undefined;
}

/** A call that did not succeed. `offline`: the server was not reached, so nobody knows whether it was done. */
export class ClientError extends Error {
  override name = "ClientError";
  readonly fault: string;
  readonly code: string | undefined;
  readonly about: Problem["about"];
  readonly issues: NonNullable<Problem["issues"]>;
  /** HTTP status, where there was one. */
  readonly status: number | undefined;

  constructor(fault: string, message: string, options: ClientErrorOptions = {}) {
    super(message, options);
    this.fault = fault;
    this.code = options.code;
    this.about = options.about;
    this.issues = options.issues ?? [];
    this.status = options.status;
  }

  /** What the server said, over HTTP or the socket. */
  static of({ fault, message, ...more }: Problem, status?: number): ClientError {
    return new ClientError(fault, message, { ...more, status });
  }
}

/** Whether the server no longer knows who is asking. A wrong password at the door is not that. */
export const endsSession = (error: unknown): boolean =>
  error instanceof ClientError && error.status === 401 && error.fault !== "wrong-password";

/** Whether the same may well be done later: the server was not reached, is overloaded, or failed in itself. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ClientError && (error.fault === "offline" || error.status === 429 || (error.status ?? 0) >= 500);

/** The fault of anything thrown. */
export const faultOf = (error: unknown): string => refusedOf(error).fault;

/** What says most of anything thrown: its code, else its fault. */
export const codeOf = (error: unknown): string => refusedOf(error).code ?? refusedOf(error).fault;

/** What a page chooses its words by, of anything thrown. */
export const refusedOf = (error: unknown): Refused => (error instanceof ClientError ? error : { fault: "unexpected" });
