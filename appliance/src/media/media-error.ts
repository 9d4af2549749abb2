/** A failure of the media plane. "leg-ended": the leg is closed or its worker has died; "no-port": none is free; "refused": the worker said no. */
export class MediaError extends Error {
  override name = "MediaError";
  readonly fault: "leg-ended" | "no-port" | "refused";
  constructor(fault: MediaError["fault"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
