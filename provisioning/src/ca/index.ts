export {
  type CertificateAuthority,
  fingerprintOf,
  type IssuedCertificate,
  openCertificateAuthority,
  type ServerIdentity,
} from "./authority.ts";
export { writePrivate } from "./private-file.ts";
export { createIdentityKey, createSigningRequest, keyFingerprintOf, readSigningRequest } from "./signing-request.ts";
