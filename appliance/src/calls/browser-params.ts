import { WebError } from "@sitebox/core/web";
import type { Digit, LegRequest, TransferProgress } from "@sitebox/drivers/line";
import { z } from "zod";
import type { DtlsParameters, RtpCapabilities, RtpParameters } from "../media/index.ts";

/** These values are mediasoup's own, which checks them itself. */
const opaque = <T>() => z.custom<T>((value) => typeof value === "object" && value !== null, "an object is expected");
const kind = z.enum(["audio", "video"]);
const target = z.string().regex(/^[0-9A-Za-z_.+*#-]{1,32}$/);

export const Transport = z.object({ direction: z.enum(["send", "recv"]) });
export const Connect = z.object({ transportId: z.string(), dtlsParameters: opaque<DtlsParameters>() });
export const Produce = z.object({ transportId: z.string(), kind, rtpParameters: opaque<RtpParameters>() });
export const Consume = z.object({ rtpCapabilities: opaque<RtpCapabilities>(), kind: kind.default("audio") });
export const Resume = z.object({ consumerId: z.string() });
export const Ready = z.object({ ready: z.boolean() });
export const ForCall = z.object({ callId: z.string() });
export const Token = z.object({ token: z.uuid() });
export const Digits = z.object({ digits: z.string().regex(/^[0-9*#]{1,32}$/) });
export const Control = z.discriminatedUnion("action", [
  z.object({ action: z.enum(["hold", "resume", "hand-over", "join", "back", "park"]) }),
  z.object({ action: z.enum(["transfer", "consult"]), target }),
]);

/** @throws WebError "invalid" */
export function parsed<T>(schema: z.ZodType<T>, params: unknown): T {
  const { success, data, error } = schema.safeParse(params ?? {});
  if (!success) throw new WebError("message-unfit", { why: z.prettifyError(error) });
  return data;
}

export const digitsOf = (params: unknown): Digit[] => [...parsed(Digits, params).digits] as Digit[];

/** What an agent's button asks of the call. */
export function requestOf(params: unknown, report: (progress: TransferProgress) => void): LegRequest {
  const control = parsed(Control, params);
  if (control.action === "transfer") return { type: "transfer", target: control.target, report };
  if (control.action === "consult") return { type: "consult", target: control.target };
  return { type: control.action };
}
