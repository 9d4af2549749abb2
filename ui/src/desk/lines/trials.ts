import type { Call, CallMoment } from "@sitebox/core/contract";
import { momentTag } from "../../kit/index.ts";
import type { Desk } from "../desk.ts";

/** What a line can be tried with. */
export type Trial = "call" | "text" | "ussd";

const DIALLED = /^[0-9+*#]{1,32}$/;

/** Whether this can be dialled, sent to or asked. */
export const isDialled = (typed: string): boolean => DIALLED.test(typed.trim());

/** How the call that was placed stands; nothing while the desk has not heard of it. */
export const placedCall = (calls: readonly Call[], callId: string | undefined): Call | undefined =>
  callId === undefined ? undefined : calls.find(({ id }) => id === callId);

/** What was noted last of how a call was dialled; nothing where it is not to be had. */
export async function lastOfDialling({ client }: Pick<Desk, "client">, id: string): Promise<CallMoment | undefined> {
  const call = await client.call("call", { params: { id } }).catch(() => undefined);
  return call?.moments.findLast((moment) => momentTag(moment) === "call.moment.dial");
}
