const DIGITS: Readonly<Record<string, number>> = Object.fromEntries(
  [..."零一二三四五六七八九"]
    .map((character, value) => [character, value] as const)
    .concat(
      [..."〇洞"].map((character) => [character, 0] as const),
      [
        ["幺", 1],
        ["么", 1],
        ["两", 2],
        ["俩", 2],
        ["仨", 3],
        ["拐", 7],
        ["勾", 9],
        ["壹", 1],
        ["贰", 2],
        ["叁", 3],
        ["肆", 4],
        ["伍", 5],
        ["陆", 6],
        ["柒", 7],
        ["捌", 8],
        ["玖", 9],
      ] as [string, number][],
      [..."0123456789"].map((character) => [character, Number(character)] as const),
    ),
);
const UNITS: Readonly<Record<string, number>> = { 十: 10, 拾: 10, 百: 100, 佰: 100, 千: 1_000, 仟: 1_000 };

/** Characters that numbers are written with. */
export const NUMERAL = "0-9零〇洞一幺二两三四五六七八九十百千拐勾壹贰叁肆伍陆柒捌玖拾佰仟";

/** "八零六" → "806"; undefined where a character is no digit. */
export function digitsOf(text: string): string | undefined {
  let digits = "";
  for (const character of text) {
    const digit = DIGITS[character];
    if (digit === undefined) return undefined;
    digits += digit;
  }
  return digits === "" ? undefined : digits;
}

/** The value of a written number up to 9999: 十二, 两百零六, 八百六 (860), 12. */
export function cardinal(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  let total = 0;
  let digit: number | undefined;
  let lastUnit = 0;
  let zero = false;
  for (const character of text) {
    const unit = UNITS[character];
    const value = DIGITS[character];
    if (unit !== undefined) {
      if (lastUnit !== 0 && unit >= lastUnit) return undefined;
      if (digit === undefined && unit !== 10) return undefined;
      total += (digit ?? 1) * unit;
      digit = undefined;
      lastUnit = unit;
      zero = false;
    } else if (value === undefined || (digit !== undefined && digit !== 0)) return undefined;
    else {
      digit = value;
      zero ||= value === 0;
    }
  }
  if (digit === undefined) return lastUnit === 0 ? undefined : total;
  // 八百六 is 860, 八百零六 is 806.
  const colloquial = lastUnit >= 100 && !zero && digit > 0;
  return total + (colloquial ? (digit * lastUnit) / 10 : digit);
}

/** Every string of digits that a written number may mean as a room: 八零六, 八百零六, 十二零六. */
export function digitStrings(text: string): string[] {
  const found = new Set<string>();
  const digits = digitsOf(text);
  if (digits) found.add(digits);
  if (/^\d+$/.test(text)) return [...found];
  const value = cardinal(text);
  if (value !== undefined) found.add(String(value));
  const parts = text.match(/[一二三四五六七八九]?[十拾][一二三四五六七八九]?|./gu) ?? [];
  const joined = parts.map((part) => (/[十拾]/.test(part) ? String(cardinal(part) ?? "") : (digitsOf(part) ?? "x"))).join("");
  if (/^\d+$/.test(joined)) found.add(joined);
  // 十一零 is also floor ten, door ten.
  const [, floor = "", door = ""] = /^([一二三四五六七八九]?十)(..)$/u.exec(text) ?? [];
  const split = digitsOf(door);
  if (split !== undefined) found.add(`${cardinal(floor) ?? ""}${split}`);
  return [...found];
}
