import { LineError, type LineFault } from "../../line/index.ts";

/** Why a modem cannot be used now; `message` is for people. */
export class ModemFault extends LineError {
  override name = "ModemFault";
  readonly fault: LineFault;

  constructor(message: string, options: ErrorOptions & { readonly fault: LineFault }) {
    super(message, options);
    this.fault = options.fault;
  }
}
