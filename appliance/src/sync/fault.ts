import type { UplinkFault } from "@sitebox/core/contract";

export class UplinkError extends Error {
  override name = "UplinkError";
  readonly fault: UplinkFault;

  constructor(fault: UplinkFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

const untrusted = new Set([
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_SIGNATURE_FAILURE",
]);

/** What a failed connection means, from the codes of Node and OpenSSL. */
export function faultOf(error: unknown): UplinkError {
  if (error instanceof UplinkError) return error;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const message = error instanceof Error ? error.message : String(error);
  const named = (fault: UplinkFault, text: string) => new UplinkError(fault, text, { cause: error });
  if (typeof code === "string" && untrusted.has(code))
    return named(
      "wrong-authority",
      "headquarters' certificate is not signed by the pinned authority: something else answers there",
    );
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return named("wrong-authority", "headquarters' certificate is not for this host name: add it to hostNames at headquarters");
  if (code === "CERT_NOT_YET_VALID" || code === "CERT_HAS_EXPIRED")
    return named("certificate-expired", "headquarters' certificate is not valid now: is the clock of this box right?");
  // MQTT 3.1.1 3.2.2.3: 4 and 5 are refusals of who we are.
  if (code === 4 || code === 5) return named("not-authorised", "headquarters refuses this box's certificate: it was withdrawn");
  if (typeof code === "string" && code.startsWith("ERR_SSL_") && /ALERT/.test(code))
    return named("not-authorised", "headquarters refuses this box's certificate");
  return named("unreachable", `headquarters cannot be reached: ${message}`);
}
