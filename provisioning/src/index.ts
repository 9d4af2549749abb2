export {
  type CertificateAuthority,
  createIdentityKey,
  createSigningRequest,
  fingerprintOf,
  type IssuedCertificate,
  keyFingerprintOf,
  openCertificateAuthority,
  readSigningRequest,
  type ServerIdentity,
  writePrivate,
} from "./ca/index.ts";
