export { type Fingerprint, fingerprintOf, fingerprints } from "./fingerprints.ts";
