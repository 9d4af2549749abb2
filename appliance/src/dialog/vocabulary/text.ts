import { degreeWords, simplified } from "../lexicon/index.ts";

/** What a caller said, brought to one way of writing: half width, simplified, lower case, "," and "?" the only marks, digits together. */
export function normalise(text: string): string {
  return simplified(text.normalize("NFKC").toLowerCase())
    .replace(/wi[\s-]?fi/g, "wifi")
    .replace(/(?<=[a-z])[\s'-]+(?=[a-z])/g, "-")
    .replace(/(?<![\d])\d(?: \d)+(?![\d])/g, (digits) => digits.replaceAll(" ", ""))
    .replace(/(?<=\d) +(?=\d)/g, ",")
    .replace(/\s+/g, "")
    .replace(/[?﹖]+/g, "?")
    .replace(/[,、。;:!.~…·|/\\]+/g, ",")
    .replace(/(?<=\d)[-—–_](?=\d)/g, "")
    .replace(/[^\p{Script=Han}a-z0-9,?〇-]/gu, "")
    .replace(/,*\?,*/g, "?")
    .replace(/,+/g, ",")
    .replace(/^,|,$/g, "");
}

const droppable = [...degreeWords].sort((a, b) => b.length - a.length);

export interface Skeleton {
  readonly text: string;
  /** Where each of its characters stands in the whole text. */
  readonly at: readonly number[];
}

/** The text without its degree and aspect words, so that "一点都不凉" is found as "不凉". */
export function skeletonOf(text: string): Skeleton {
  const at: number[] = [];
  let kept = "";
  for (let index = 0; index < text.length; ) {
    const dropped = droppable.find((word) => text.startsWith(word, index));
    // 用不了, 开不了: there the 了 is half of the meaning.
    if (dropped && !(dropped === "了" && kept.endsWith("不"))) index += dropped.length;
    else {
      kept += text.charAt(index);
      at.push(index);
      index++;
    }
  }
  return { text: kept, at };
}

/** A symptom's form as it is looked up; forms that are mostly degree words stay whole. */
export function bareOf(form: string): string {
  const { text } = skeletonOf(form);
  return text.length >= 2 && text.length * 2 >= form.length ? text : form;
}
