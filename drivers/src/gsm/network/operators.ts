/** Who a SIM's contract is with. */
export type Operator = "mobile" | "unicom" | "telecom";

/** How an operator is asked what is left, and how it says so. */
export interface OperatorService {
  /** Beginnings of the SIM's IMSI: country 460 and the network. */
  readonly networks: readonly string[];
  /** A service code that tells the balance, where the operator has one: it is asked first. */
  readonly ussd?: string;
  readonly smsTo: string;
  readonly smsText: string;
  /** Numbers that answer, which add digits to their own. */
  readonly answersFrom: RegExp;
  /** Names of amounts that say what is left, the best first; `*` of an amount means that it is owed. */
  readonly amounts: readonly RegExp[];
}

const balance = [
  /(?:可用|可使用)(?:的)?(?:余额|话费|金额)|available(?: balance)?/i,
  /(?:账户|帐户|账号|当前|目前|话费|总|现有|剩余)(?:总)?(?:余额|话费|金额)/,
  /余额|结余|\bbalance\b/i,
  /剩余|尚余|还剩/,
];

/** The three operators of mainland China. What they are to be asked by is data: their codes differ by province and change. */
export const operatorServices: Readonly<Record<Operator, OperatorService>> = {
  mobile: {
    networks: ["46000", "46002", "46004", "46007", "46008", "46013"],
    smsTo: "10086",
    smsText: "YE",
    answersFrom: /^(?:\+?86)?10086\d*$/,
    amounts: balance,
  },
  unicom: {
    networks: ["46001", "46006", "46009", "46010"],
    smsTo: "10010",
    smsText: "YE",
    answersFrom: /^(?:\+?86)?10010\d*$/,
    amounts: balance,
  },
  telecom: {
    networks: ["46003", "46005", "46011", "46012"],
    smsTo: "10001",
    smsText: "102",
    answersFrom: /^(?:\+?86)?1000[01]\d*$/,
    // What is left for everything; "专用余额" is for something only.
    amounts: [/通用余额/, ...balance],
  },
};

/** Whose SIM it is, by its IMSI; undefined where it is none of the three. */
export function operatorOf(imsi: string | undefined): Operator | undefined {
  const network = imsi?.slice(0, 5);
  return (Object.keys(operatorServices) as Operator[]).find(
    (operator) => network && operatorServices[operator].networks.includes(network),
  );
}
