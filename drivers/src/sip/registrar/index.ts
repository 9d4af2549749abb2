export { type Account, Authenticator, type AuthVerdict } from "./authenticator.ts";
export { type DigestAlgorithm, digestResponse } from "./digest.ts";
export { cameThroughNat, isUnreachable } from "./nat.ts";
export { Registrar, type Registration } from "./registrar.ts";
