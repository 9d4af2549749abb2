import { EnrolRequest } from "@sitebox/core/contract";

/** A code as people type it, with spaces, dashes and small letters, made what a box shows. */
export const cleanClaimCode = (typed: string): string =>
  typed
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .slice(0, 8);

/** Eight of A–Z and 2–9 without I and O, as the contract has it. */
export const isClaimCode = (code: string): boolean => EnrolRequest.shape.claimCode.safeParse(code).success;
