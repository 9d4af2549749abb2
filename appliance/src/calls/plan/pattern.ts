/** Whether a whole number fits. */
export type NumberTest = (number: string) => boolean;

/** A pattern of the configuration: a regular expression over the whole number. @throws SyntaxError */
export function patternTest(pattern: string): NumberTest {
  const expression = new RegExp(`^(?:${pattern})$`);
  return (number) => expression.test(number);
}

/**
 * A caller's number and the ways in which networks write the same one: with and without +86, 0086 or 86 in front,
 * and a mobile number with the 0 of a long-distance call. Lists match any of them.
 */
export function spellingsOf(caller: string): readonly string[] {
  const national = caller.replace(/^(?:\+|00)86/, "").replace(/^86(?=1[3-9]\d{9}$)/, "");
  const mobile = national.replace(/^0(?=1[3-9]\d{9}$)/, "");
  return [...new Set([caller, national, mobile])];
}
