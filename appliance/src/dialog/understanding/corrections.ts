import type { Token } from "./tokens.ts";

type Slot = "room" | "quantity" | "thing";

function slotOf(token: Token): Slot | undefined {
  if (token.type === "room" || token.type === "quantity") return token.type;
  return token.type === "phrase" && (token.entry.item !== undefined || token.entry.goods !== undefined) ? "thing" : undefined;
}

const does = (token: Token | undefined, act: "not" | "rather"): boolean => token?.type === "phrase" && token.entry.acts.has(act);

/**
 * Takes out what the speaker took back: "不是浴巾,是毛巾", "两个,哦不,三个", "不是八零六是八零九".
 * A word of correction between two mentions of the same kind withdraws the first; one before a mention withdraws it where another follows.
 */
export function correct(tokens: readonly Token[]): Token[] {
  const withdrawn = new Set<Token>();
  for (const [index, token] of tokens.entries()) {
    if (!does(token, "not") && !does(token, "rather")) continue;
    const after = tokens.slice(index + 1);
    const next = after.find((one) => slotOf(one) !== undefined && !withdrawn.has(one));
    const slot = next && slotOf(next);
    if (next === undefined || slot === undefined) continue;
    const between = after.slice(0, after.indexOf(next));
    const close = between.every(
      (one) => one.type === "quantity" || (one.type === "phrase" && (one.entry.filler === true || one.entry.acts.size > 0)),
    );
    const later = after.slice(after.indexOf(next) + 1).some((one) => slotOf(one) === slot);
    if (does(token, "not") && close && later) {
      withdrawn.add(next);
      // The count of what is withdrawn goes with it.
      if (slot === "thing") for (const one of between) if (one.type === "quantity") withdrawn.add(one);
      continue;
    }
    const before = tokens.slice(0, index).findLast((one) => slotOf(one) === slot && !withdrawn.has(one));
    if (does(token, "rather") && before) withdrawn.add(before);
  }
  return tokens.filter((token) => !withdrawn.has(token));
}
