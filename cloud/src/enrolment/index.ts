export { ClaimError } from "./claim-error.ts";
export { Claims, type ClaimsDeps } from "./claims.ts";
export { type EnrolmentDeps, type EnrolmentListener, openEnrolment } from "./listener.ts";
