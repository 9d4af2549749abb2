/** One spelling of a number of the mainland: without the country's code. Names of senders stay as they are. */
export const numberOf = (from: string): string => from.replace(/[\s-]/g, "").replace(/^(?:\+|00)86(?=\d{5,})/, "");

const SERVICE_NAME = /[^\d+]/;
/** Operators (10086), services (1069…, 106…), banks (95588) and hotlines (12306, 96110): nobody's telephone begins so. */
const SERVICE_NUMBER = /^(?:10|11|12|9[5-9])\d{1,18}$/;
const CODE = /验证码|校验码|动态码|动态密码|verification code|one-time (?:code|password)/i;

/**
 * Whether a text comes from an operator, a bank or another machine, or carries a code that is meant for somebody's eyes only: it is kept,
 * makes no ticket, and is neither answered nor forwarded.
 */
export function isService(from: string, text: string): boolean {
  const number = numberOf(from);
  return SERVICE_NAME.test(number) || SERVICE_NUMBER.test(number) || number.replace("+", "").length < 7 || CODE.test(text);
}

const STOP = /^\s*(?:TD|T|退订|拒收|stop|unsubscribe)[\s。.!]*$/i;
const RESUME = /^\s*(?:KT|恢复|start)[\s。.!]*$/i;

/** The sender wants no texts of ours, or wants them again. */
export const wishOf = (text: string): "stop" | "resume" | undefined =>
  STOP.test(text) ? "stop" : RESUME.test(text) ? "resume" : undefined;
