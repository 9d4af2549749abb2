/**
 * A model file that could not be had. `unreachable`: the origin did not answer, or not to the end, in all attempts;
 * `refused`: it answered that there is no such file for us; `checksum`: what came is not what the manifest names.
 */
export class ModelError extends Error {
  override name = "ModelError";
  readonly fault: "unreachable" | "refused" | "checksum";

  constructor(fault: ModelError["fault"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
