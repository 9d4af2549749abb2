import type { LineConfig, Tariff } from "@sitebox/core/contract";

/** Prices are compared for a call of this length. */
const TYPICAL_MINUTES = 3;

const costOf = ({ fenPerCall, fenPerMinute }: Tariff): number => fenPerCall + TYPICAL_MINUTES * fenPerMinute;

/** What calls by a line cost, for the choice among several. A pattern that is none fits nothing. */
export function priceList({ tariffs }: Pick<LineConfig, "tariffs">): (number: string) => number {
  const prices = tariffs.flatMap((tariff) => {
    const pattern = patternOf(tariff.numbers);
    return pattern ? [{ pattern, cost: costOf(tariff) }] : [];
  });
  return (number) => prices.find(({ pattern }) => pattern.test(number))?.cost ?? 0;
}

function patternOf(numbers: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${numbers})$`);
  } catch {
    return undefined;
  }
}
