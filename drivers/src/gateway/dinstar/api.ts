import { z } from "zod";
import { ManagementError } from "../management.ts";
import type { DeviceHttp, HttpQuestion } from "./http.ts";

/** Firmwares write numbers as numbers or as texts, and leave out, empty or as null what they do not know. */
const given = (value: unknown) => (value === "" || value === null ? undefined : value);
const number = z.preprocess(given, z.coerce.number());
const known = z.preprocess(given, z.coerce.number().optional());
const text = z.preprocess((value) => value ?? "", z.coerce.string());

/** What can be read of a list: one entry that cannot is no reason to lose the others. */
const listOf = <T>(entry: z.ZodType<T>) =>
  z
    .array(z.unknown())
    .nullish()
    .transform((entries) =>
      (entries ?? []).flatMap((raw) => {
        const { success, data } = entry.safeParse(raw);
        return success ? [data] : [];
      }),
    );

/** One socket in the answer to get_port_info. */
const PortInfo = z.object({
  port: number,
  type: text,
  imsi: text,
  iccid: text,
  number: text,
  reg: text,
  callstate: text,
  signal: known,
});
export type PortInfo = z.infer<typeof PortInfo>;

const SmsResult = z.object({
  port: number,
  user_id: known,
  number: text,
  /** By the gateway's clock, "2014-12-21 12:06:01". */
  time: text,
  status: text,
  count: known,
  ref_id: known,
});
export type SmsResult = z.infer<typeof SmsResult>;

const DeliverStatus = z.object({
  port: number,
  number: text,
  time: text,
  ref_id: number,
  /** TP-Status (3GPP TS 23.040 §9.2.3.15). */
  status_code: number,
});
export type DeliverStatus = z.infer<typeof DeliverStatus>;

const IncomingSms = z.object({ incoming_sms_id: number, port: number, number: text, timestamp: text, text });
export type IncomingSms = z.infer<typeof IncomingSms>;

const answer = { error_code: known, sn: text };
const PortInfoAnswer = z.object({ ...answer, info: listOf(PortInfo) });
const SendSmsAnswer = z.object({ ...answer, task_id: known });
const SmsResultAnswer = z.object({ ...answer, result: listOf(SmsResult) });
const DeliverStatusAnswer = z.object({ ...answer, result: listOf(DeliverStatus) });
const IncomingSmsAnswer = z.object({ ...answer, sms: listOf(IncomingSms) });
const SendUssdAnswer = z.object({ ...answer, result: listOf(z.object({ port: number, status: number })) });
const UssdReplyAnswer = z.object({ ...answer, reply: listOf(z.object({ port: number, text })) });

/** What the gateway's error codes mean; each of its questions has its own few of them. */
export const ERRORS: Readonly<Record<number, string>> = {
  400: "the gateway does not understand the request",
  404: "the gateway has no such thing",
  413: "the gateway takes no text of this length",
  486: "the port is busy",
  500: "the gateway has failed",
  503: "the port is not registered",
  550: "no port can be used",
};

export const errorText = (code: number): string => ERRORS[code] ?? `the gateway says ${code}`;

const PORT_FIELDS = "type,imsi,iccid,number,reg,callstate,signal";
/** What there is none of may be an empty list, or not found. */
const OR_NONE = [200, 404];

/**
 * The questions of Dinstar's HTTP interface, version 1.1 ("Instructions for Using HTTP API", 2019-10). Each rejects with ManagementError, or
 * with the signal's reason.
 */
export class DinstarApi {
  readonly #http: Pick<DeviceHttp, "ask">;

  constructor(http: Pick<DeviceHttp, "ask">) {
    this.#http = http;
  }

  async portInfo(ports: readonly number[], signal: AbortSignal): Promise<z.infer<typeof PortInfoAnswer>> {
    const path = `/api/get_port_info?port=${ports.join(",")}&info_type=${PORT_FIELDS}`;
    return await this.#ask(PortInfoAnswer, { method: "GET", path }, signal);
  }

  /** Hands a text over to be sent. The user id finds it again. Its code is 202 where it was taken, or says why it was not. */
  async sendSms(
    sms: {
      readonly port: number;
      readonly to: string;
      readonly text: string;
      readonly encoding: string;
      readonly userId: number;
    },
    signal: AbortSignal,
  ): Promise<z.infer<typeof SendSmsAnswer>> {
    // "#param#" in a text stands for what is filled in, so a text that has it must itself be filled in.
    const filled = sms.text.includes("#param#");
    const body = {
      text: filled ? "#param#" : sms.text,
      port: [sms.port],
      param: [{ number: sms.to, user_id: sms.userId, ...(filled && { text_param: [sms.text] }) }],
      encoding: sms.encoding,
      request_status_report: true,
    };
    return await this.#ask(SendSmsAnswer, { method: "POST", path: "/api/send_sms", body }, signal, "any");
  }

  /** What became of a text. */
  async smsResult(userId: number, signal: AbortSignal): Promise<SmsResult | "unknown"> {
    const question = { method: "POST", path: "/api/query_sms_result", body: { user_id: [userId] } } as const;
    const { result } = await this.#ask(SmsResultAnswer, question, signal, OR_NONE);
    return result.find(({ user_id }) => user_id === userId) ?? "unknown";
  }

  /** Takes a text back that waits to be sent. */
  async stopSms(taskId: number, signal: AbortSignal): Promise<void> {
    await this.#ask(z.object(answer), { method: "GET", path: `/api/stop_sms?task_id=${taskId}` }, signal, "any");
  }

  /** What became of texts to these numbers, of which 32 may be asked for at once. */
  async deliverStatus(numbers: readonly string[], signal: AbortSignal): Promise<readonly DeliverStatus[]> {
    const question = { method: "POST", path: "/api/query_sms_deliver_status", body: { number: numbers } } as const;
    return (await this.#ask(DeliverStatusAnswer, question, signal, OR_NONE)).result;
  }

  /** Texts that came with a higher id than `after`, as many as fit into one answer; "all" leaves their mark of being read as it is. */
  async incomingSms(after: number, signal: AbortSignal): Promise<readonly IncomingSms[]> {
    const path = `/api/query_incoming_sms?incoming_sms_id=${after}&flag=all`;
    return (await this.#ask(IncomingSmsAnswer, { method: "GET", path }, signal, OR_NONE)).sms;
  }

  /** @returns 202 where the port has taken it */
  async sendUssd(port: number, ussd: { readonly code: string } | "cancel", signal: AbortSignal): Promise<number> {
    const what = ussd === "cancel" ? { command: "cancel" } : { text: ussd.code, command: "send" };
    const question = { method: "POST", path: "/api/send_ussd", body: { ...what, port: [port] } } as const;
    const { result, error_code = 0 } = await this.#ask(SendUssdAnswer, question, signal, "any");
    return result.find((one) => one.port === port)?.status ?? error_code;
  }

  /** The newest answer to a service code; empty where there is none yet. */
  async ussdReply(port: number, signal: AbortSignal): Promise<string> {
    const question = { method: "GET", path: `/api/query_ussd_reply?port=${port}` } as const;
    const { reply } = await this.#ask(UssdReplyAnswer, question, signal, OR_NONE);
    return reply.find((one) => one.port === port)?.text ?? "";
  }

  /** Some firmwares leave the code out where all is well. */
  async #ask<T extends { error_code?: number | undefined }>(
    schema: z.ZodType<T>,
    question: HttpQuestion,
    signal: AbortSignal,
    expected: readonly number[] | "any" = [200],
  ): Promise<T> {
    const { success, data, error } = schema.safeParse(await this.#http.ask(question, signal));
    if (!success) throw new ManagementError("its answer is not what is asked for", { fault: "failed", cause: error });
    const { error_code } = data;
    if (error_code !== undefined && expected !== "any" && !expected.includes(error_code))
      throw new ManagementError(errorText(error_code), { fault: "failed" });
    return data;
  }
}
