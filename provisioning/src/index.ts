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
export { type BoxConfigInput, type DemoUplink, demoBox, ensureDemoBox, localHeadquarters } from "./demo/index.ts";
export { type ClaimsClient, ClaimsError, type CommandIo, openClaims, runClaim } from "./enrolment/index.ts";
export {
  type Installed,
  type InstallOptions,
  installModels,
  ModelError,
  type ModelFile,
  manifest as modelManifest,
  type Progress,
  verifyModels,
} from "./models/index.ts";
export { hotelTemplate, propertyTemplate } from "./templates/index.ts";
