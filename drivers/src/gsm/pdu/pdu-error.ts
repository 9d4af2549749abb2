/** A PDU that cannot be read, or a text that cannot be made into one; the message says what is wrong and where. */
export class PduError extends Error {
  override name = "PduError";
}
