import { type Operator, operatorServices } from "./operators.ts";

/** "1,234.56元", "¥12.3", "12元5角", "5角", "-0.30元", "12.30 yuan" */
const number = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+`;
const amount = new RegExp(
  [
    String.raw`(?<sign>[-负]\s*)?(?:(?<money>[¥$]|RMB|CNY)\s*)?(?<minus>-\s*)?`,
    `(?<whole>${number})`,
    String.raw`\s*(?:\((?=[元角分]\)))?(?<unit>元|圆|块|角|毛|分(?!钟)|yuan|RMB|CNY)?`,
    String.raw`(?:(?<=[元圆块])(?:(?<jiao>\d)[角毛])?(?:(?<fen>\d)分)?)?`,
  ].join(""),
  "giu",
);

/** Of amounts that are no balance though they may be named so: presents, special funds, what is spent, what is to be paid. */
const notLeft =
  /赠|送|专款|专用|专项|冻结|不可用|信用|透支额度|消费|已用|使用了|月租|套餐|充值|缴费|缴纳|应缴|账单|优惠|返还|低于|流量|积分|预警|提醒|bonus|credit|spent|top.?up/i;
/** The amount is owed. */
const owed =
  /欠(?:费|款)?(?:金额|合计|共计|余额)?\s*(?:为|是|:|了|共|达|已达|约|人民币|\s)*$|\b(?:owe|owing|overdue|arrears|debt)(?:\s*(?:is|of|:))?\s*$/i;
const notOwed = /[未无没不](?:有)?欠(?:费|款)?\S*$/;

interface Found {
  readonly yuan: number;
  /** The words in front of it, from the last one before them or the last stop. */
  readonly label: string;
}

/** Without details, which stand in brackets; units in brackets stay. */
const withoutDetails = (text: string) => text.replaceAll(/\((?!(?:元|单位:?元|CNY|RMB)\))[^()]*\)|\[[^[\]]*\]|【[^】]*】/gi, "");

/** Full-width digits and marks as the others are, but for the comma, which stands between numbers, not within. */
const normalised = (text: string) =>
  text
    .replaceAll(/[，、]/g, ";")
    .normalize("NFKC")
    .replaceAll("￥", "¥");

function* amountsIn(text: string): Iterable<Found> {
  let from = 0;
  for (const match of text.matchAll(amount)) {
    const { sign, money, minus, whole = "", unit, jiao, fen } = match.groups ?? {};
    const before = text.slice(from, match.index);
    // "余额(元):12.30" names its unit before the number.
    const unitBefore = /\((?:元|单位:?元|CNY|RMB)\)\s*(?:为|是|:)?\s*$/i.test(before);
    if (!unit && !money && !unitBefore) continue;
    from = match.index + match[0].length;
    const value = Number(whole.replaceAll(",", "")) * scaleOf(unit) + Number(jiao ?? 0) / 10 + Number(fen ?? 0) / 100;
    const yuan = Math.round(value * 100) / 100;
    yield { yuan: sign !== undefined || minus !== undefined ? -yuan : yuan, label: labelOf(before) };
  }
}

function scaleOf(unit: string | undefined): number {
  if (unit === "角" || unit === "毛") return 0.1;
  return unit === "分" ? 0.01 : 1;
}

/** The words of the same clause, without what is in brackets. */
function labelOf(before: string): string {
  const clause = before.replaceAll(/\([^()]*\)|\[[^[\]]*\]|【[^】]*】/g, "");
  return (
    clause
      .split(/[;,。!?\n]|(?<!\d)\.(?!\d)/)
      .at(-1)
      ?.trim() ?? ""
  );
}

/**
 * What is left on a SIM, in yuan, as its operator's words say; below zero where something is owed. Where several amounts are named, the one
 * that can be used for everything counts. Undefined where the text tells no balance.
 */
export function parseBalance(operator: Operator, text: string): number | undefined {
  const whole = normalised(text);
  return balanceIn(operator, withoutDetails(whole)) ?? balanceIn(operator, whole);
}

function balanceIn(operator: Operator, text: string): number | undefined {
  const found = [...amountsIn(text)];
  const debt = found.find(({ label, yuan }) => yuan !== 0 && owed.test(label) && !notOwed.test(label));
  if (debt) return -Math.abs(debt.yuan);
  const possible = found.filter(({ label }) => !notLeft.test(label));
  for (const name of operatorServices[operator].amounts) {
    const best = possible.find(({ label }) => name.test(label));
    if (best) return best.yuan;
  }
  // "您的欠费为0元" alone: nothing is left, nothing is owed.
  return found.some(({ label }) => owed.test(label) && !notOwed.test(label)) ? 0 : undefined;
}
