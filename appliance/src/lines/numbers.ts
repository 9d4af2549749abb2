/** A number without what is written or put before it on the way: signs, country code, trunk zero. Two spellings of one number have the same. */
export const bareNumber = (number: string): string => number.replace(/\D/g, "").replace(/^(?:0{0,2}86(?=\d{10,})|0+)/, "");

/** Numbers of fewer digits are an exchange's own: another exchange may have the same. */
const SHORTEST_PUBLIC = 7;

/** Whether a number is known outside of one exchange. */
export const isPublic = (number: string): boolean => bareNumber(number).length >= SHORTEST_PUBLIC;

const EMERGENCY = /^(?:86)?(?:11[029]|12[02])$/;
/** Operators (10086), hotlines (12306) and companies (95588). */
const SERVICE = /^(?:1[012]\d{3}|9[5-9]\d{3,4})$/;
/** 106… sends texts of companies; 1064… are SIMs in machines. */
const LONG_SERVICE = /^(?:9[5-9]\d{4,}|106(?!4)\d{4,})$/;

/** What a number belongs to: a SIM, a wire, or an account at a carrier, which may well be a company's 95… */
export type NumberOwner = "sim" | "wire" | "account";

/** Whether nobody can have that number for his own: whoever calls or writes by it would pass for the police or an operator. */
export function isNobodys(number: string, of: NumberOwner): boolean {
  const bare = bareNumber(number);
  if (EMERGENCY.test(bare)) return true;
  if (of === "account") return false;
  return SERVICE.test(bare) || (of === "sim" && (bare.length < SHORTEST_PUBLIC || LONG_SERVICE.test(bare)));
}
