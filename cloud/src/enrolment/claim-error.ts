/** Why a box is not enrolled; the message is told to the box. */
export class ClaimError extends Error {
  override name = "ClaimError";
}
