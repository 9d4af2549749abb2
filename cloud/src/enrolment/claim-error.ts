export class ClaimError extends Error {
  override name = "ClaimError";
  readonly fault: "not-found" | "invalid";

  constructor(fault: ClaimError["fault"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
