import type { Call } from "@sitebox/core/contract";

/** What a line can be tried with. */
export type Trial = "call" | "text" | "ussd";

const DIALLED = /^[0-9+*#]{1,32}$/;

/** Whether this can be dialled, sent to or asked. */
export const isDialled = (typed: string): boolean => DIALLED.test(typed.trim());

/** How the call that was placed stands; nothing while the desk has not heard of it. */
export const placedCall = (calls: readonly Call[], callId: string | undefined): Call | undefined =>
  callId === undefined ? undefined : calls.find(({ id }) => id === callId);
