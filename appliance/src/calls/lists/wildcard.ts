const fitsOne = (wanted: string | undefined, digit: string | undefined) =>
  wanted === digit || (wanted === "?" && digit !== undefined && /\d/.test(digit));

/**
 * Whether a number fits one with wildcards: ? for any one digit, * for any number of characters. Takes at most the product of
 * the two lengths, so that nobody can hold the box up with a rule.
 */
export function fitsWildcard(number: string, wildcard: string): boolean {
  let [at, to] = [0, 0];
  let star: { readonly to: number; at: number } | undefined;
  while (at < number.length) {
    if (wildcard[to] === "*") star = { to: to++, at };
    else if (fitsOne(wildcard[to], number[at])) {
      at++;
      to++;
    } else if (star) {
      star.at++;
      at = star.at;
      to = star.to + 1;
    } else return false;
  }
  while (wildcard[to] === "*") to++;
  return to === wildcard.length;
}
