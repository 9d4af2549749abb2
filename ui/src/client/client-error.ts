import type { Problem } from "@sitebox/core/contract";

/** A call that did not succeed. `offline`: the server was not reached, so nobody knows whether it was done. */
export class ClientError extends Error {
  override name = "ClientError";
  readonly fault: string;
  readonly issues: NonNullable<Problem["issues"]>;
  /** HTTP status, where there was one. */
  readonly status: number | undefined;

  constructor(fault: string, message: string, options?: ErrorOptions & { issues?: Problem["issues"]; status?: number }) {
    super(message, options);
    this.fault = fault;
    this.issues = options?.issues ?? [];
    this.status = options?.status;
  }
}

/** Whether the server no longer knows who is asking. A wrong password at the door is not that. */
export const endsSession = (error: unknown): boolean =>
  error instanceof ClientError && error.status === 401 && error.fault !== "wrong-password";

/** Whether the same may well be done later: the server was not reached, is overloaded, or failed in itself. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ClientError && (error.fault === "offline" || error.status === 429 || (error.status ?? 0) >= 500);

/** The fault of anything thrown: what a page chooses its words by. */
export const faultOf = (error: unknown): string => (error instanceof ClientError ? error.fault : "unexpected");
