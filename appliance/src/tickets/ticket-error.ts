import { type About, type RefusalOf, refusalOf } from "@sitebox/core/contract";

type Fault = "not-found" | "not-allowed" | "wrong-state" | "storage";

/** Why something could not be done to a work order. "storage": it is not on disk, so a person has to take the request. */
export class TicketError extends Error {
  override name = "TicketError";
  readonly code: RefusalOf<Fault>;
  readonly fault: Fault;
  readonly about: About | undefined;

  constructor(code: RefusalOf<Fault>, options: ErrorOptions & { readonly about?: About } = {}) {
    const { fault, message } = refusalOf(code, options.about);
    super(message, options);
    this.code = code;
    this.fault = fault;
    this.about = options.about;
  }
}

/** SQLite's own failures: disk full, I/O, read-only, corrupt. */
export const isStorageFailure = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_");
