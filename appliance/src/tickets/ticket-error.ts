/** Why something could not be done to a work order. "storage": it is not on disk, so a person has to take the request. */
export class TicketError extends Error {
  override name = "TicketError";
  readonly fault: "not-found" | "not-allowed" | "wrong-state" | "storage";

  constructor(fault: TicketError["fault"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** SQLite's own failures: disk full, I/O, read-only, corrupt. */
export const isStorageFailure = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_");
