export { Care, type CareDeps, type CareEvents, openCare } from "./care.ts";
export type { HealthProbe, PartState } from "./health.ts";
export { withReserve } from "./reserve.ts";
export type { DeletionReceipt } from "./retention.ts";
export { SipCertificate, type SipCertificateDeps } from "./sip-certificate.ts";
