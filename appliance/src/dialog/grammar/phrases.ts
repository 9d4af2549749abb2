import { symptoms } from "../lexicon/index.ts";
import { bareOf, type Goods, normalise, type RepairItem, type Vocabulary } from "../vocabulary/index.ts";

const HAN = /^\p{Script=Han}+$/u;

/** Forms that a Mandarin recogniser has sounds for, the first `most` of them. */
export const sayable = (forms: readonly string[], most: number): string[] =>
  [...new Set(forms.map(normalise))].filter((form) => HAN.test(form)).slice(0, most);

export const choice = (words: Iterable<string>): string => {
  const list = [...new Set(words)]
    .filter((word) => word !== "")
    .map((word) => (HAN.test(word.replaceAll(" ", "")) ? spaced(word) : word));
  return list.length === 1 ? (list[0] ?? "") : `(${list.join(" | ")})`;
};

const segmenter = new Intl.Segmenter("zh", { granularity: "word" });

/** A phrase as words with room for a pause between them: measured, a decoder finds "不 制冷" more surely than "不制冷". */
const spaced = (phrase: string): string =>
  phrase
    .split(" ")
    .flatMap((part) => Array.from(segmenter.segment(part), ({ segment }) => segment))
    .join(" ");

/** Alternatives with how often they are said beside each other. */
export const weighted = (parts: readonly (readonly [weight: number, text: string])[]): string => {
  const said = parts.filter(([, text]) => text !== "");
  return said.length === 0 ? "" : `(${said.map(([weight, text]) => `/${weight}/ ${text}`).join(" | ")})`;
};

/*
 * Words with which callers begin and end, and which mean nothing here: without them whole sentences fall outside the grammar.
 * They are few and none is a lone short syllable in the middle: every one more costs the words that matter.
 */
export const openings = choice([
  "你好",
  "您好",
  "喂",
  "嗯",
  "那个",
  "麻烦",
  "请",
  "请问",
  "帮我",
  "我这边",
  "我这里",
  "你好 我",
  "你好 麻烦",
  "喂 你好",
]);
export const tails = choice([
  "谢谢",
  "麻烦 了",
  "一下",
  "好 吗",
  "可以 吗",
  "吧",
  "派人 来 看 一下",
  "来 修 一下",
  "麻烦 来 看 一下",
  "快 点",
  "谢谢 啊",
]);
export const at = choice(["在", "我在", "我住", "我是", "我住 在", "这里 是", "我这里 是", "房间号 是", "房间 是"]);
export const to = choice(["送到", "到", "送 去", "我在", "我住", "我是", "在", "房间号 是"]);
export const roomWords = choice(["房间", "房", "号房", "的", "房间 的", "房间 里"]);
export const inside = choice(["我房间", "房间", "房间 的", "我房间 的", "我们 房间", "我们 房间 的", "房间 里 的", "卫生间 的"]);
export const degrees = choice(["一直", "老是", "有点", "都"]);
export const links = choice(["再 送", "再 来", "再 拿", "还要", "顺便 送", "另外 送", "再 要", "和"]);
export const bring = choice([
  "送",
  "拿",
  "要",
  "来",
  "借",
  "我要",
  "帮我 拿",
  "帮我 送",
  "给我 送",
  "我想 要",
  "需要",
  "加",
  "有没有",
  "再 送",
  "再 拿",
]);
export const numbers = choice(["一", "两", "三", "四", "五", "六", "七", "八", "九", "十"]);
const HUMAN = [
  "转人工",
  "人工 服务",
  "人工",
  "转 前台",
  "找 前台",
  "人工 客服",
  "叫 你们 经理",
  "找 经理",
  "我要 人工",
  "我要 转人工",
  "不要 机器人",
  "转接 人工",
];
const MESSAGE = ["留言", "我要 留言", "我想 留言", "帮我 留 个 言", "语音 留言", "带 个 话"];
const REPEAT = ["再说 一遍", "再说 一次", "没 听清", "没 听 清楚", "重复 一遍"];
const NO_RECORDING = ["不要 录音", "不 同意 录音", "别 录音", "我 不 同意 录音"];
const EMERGENCY = ["着火 了", "救命", "有人 晕倒 了", "冒烟 了"];

/** What may be said at every question: a person, a message, a repeat. */
export const always = weighted([
  [4, choice(HUMAN)],
  [2, choice(MESSAGE)],
  [1, choice(REPEAT)],
]);
/** Only where a caller begins: at a yes or no, 错了 would be heard as 着火了. */
export const emergency = choice(EMERGENCY);
/** Only behind the notice: at a yes or no it would swallow 不要. */
export const noRecording = choice(NO_RECORDING);

export const yes = choice([
  "对",
  "对 对",
  "对的",
  "是的",
  "是",
  "没错",
  "嗯",
  "好的",
  "可以",
  "正确",
  "对 没错",
  "嗯 对",
  "对 啊",
  "是 啊",
  "没 问题",
]);
export const no = choice(["不对", "不是", "错了", "不是 的", "搞错 了", "不行", "不要", "弄错 了", "听错 了", "不 不 不"]);
const DENIAL = choice(["不是", "不对", "错了"]);
export const rather = choice([DENIAL, `${DENIAL} 是`, "应该 是", "是"]);
export const nothingMore = choice([
  "没有 了",
  "没有",
  "没了",
  "不用 了",
  "不用",
  "没有 别的 了",
  "就 这些",
  "没事 了",
  "没有 了 谢谢",
  "不用 了 谢谢",
  "再见",
]);

const OWN_FORMS = 3;
const BORROWED = 3;

export const generic = choice(["坏了", "坏 掉 了", "有 问题", "用 不了", "没 反应", "出 故障 了"]);

const ownForms = (item: RepairItem): string[] =>
  sayable(item.site ? [item.site.name, ...item.site.synonyms] : item.forms, OWN_FORMS + 1);
/** A name of the item that can be said, also where the site writes it in Latin letters. */
export const namesOf = (item: RepairItem): string =>
  choice([...ownForms(item), ...(ownForms(item).length < 2 ? sayable(item.forms, 2) : [])]);

/**
 * The site's words for an item's faults, each with a few that callers use more. What the site lists first happens most; only that may
 * be followed by a lone 了, which otherwise makes one fault out of another (不制冷 and 不制热了 are one sound apart).
 */
export function faultsOf(item: RepairItem): string {
  const listed = item.faults.filter(({ own }) => own || item.site === undefined);
  const forms = listed.map((fault, index) => {
    const own = item.site?.faults.find(({ name }) => name === fault.name);
    const written = 1 + (own?.synonyms.length ?? 0);
    // Where the site says itself how guests call a rarer fault, our words would only sound like the common ones.
    const borrowed = index === 0 || written === 1 ? BORROWED : 0;
    return sayable(fault.forms, written + borrowed).filter((form) => form.length > 1);
  });
  const [first = [], ...others] = forms;
  return weighted([
    [4, first.length === 0 ? "" : `${choice(first)} [了]`],
    [3, others.flat().length === 0 ? "" : choice(others.flat())],
  ]);
}

const siteItems = (vocabulary: Vocabulary): RepairItem[] =>
  vocabulary.items.filter((item) => item.site !== undefined && sayable(item.forms, 1).length > 0);

/** 空调 不制冷, 马桶 堵了 …; any item with a general word; and symptoms that name their item. */
export function broken(vocabulary: Vocabulary): string {
  const items = siteItems(vocabulary);
  const each = choice(items.map((item) => `${namesOf(item)} [<degree>] ${faultsOf(item)}`));
  return weighted([
    [6, each],
    [2, `${choice(items.map(namesOf))} ${generic}`],
    [1, choice(aloneForms(vocabulary))],
  ]);
}

/** The first two ways of naming each symptom without its thing. */
const aloneForms = (vocabulary: Vocabulary): string[] =>
  symptoms.flatMap(({ alone = [] }) =>
    sayable(alone, 20)
      .filter((form) => {
        const meaning = vocabulary.alone.get(bareOf(form));
        return form.length >= 3 && meaning?.sure === true && vocabulary.items[meaning.item]?.site !== undefined;
      })
      .slice(0, 2),
  );

export const itemNames = (vocabulary: Vocabulary): string => choice(siteItems(vocabulary).map(namesOf));

const goodsNames = (vocabulary: Vocabulary, goods: Goods): string[] => {
  const site = vocabulary.site.deliveries.find(({ name }) => name === goods.name);
  return sayable([goods.name, ...(site?.synonyms ?? [])], OWN_FORMS + 1);
};

/** Goods by their measure word, so that they share its numbers. */
function byClassifier(vocabulary: Vocabulary): [classifier: string, names: string[]][] {
  const groups = new Map<string, string[]>();
  for (const goods of vocabulary.goods.filter(({ offered }) => offered)) {
    const [classifier = "个"] = goods.classifiers;
    groups.set(classifier, [...(groups.get(classifier) ?? []), ...goodsNames(vocabulary, goods)]);
  }
  return [...groups].filter(([, names]) => names.length > 0);
}

/** 两 条 毛巾, 毛巾 两 条. */
export const countedGoods = (vocabulary: Vocabulary): string =>
  choice(
    byClassifier(vocabulary).map(([classifier, names]) => {
      const measure = classifier === "个" ? "个" : `(${classifier} | 个)`;
      const long = choice(names.filter((name) => name.length > 1));
      return weighted([
        [3, `<number> ${measure} ${choice(names)}`],
        [0.3, long === "()" ? "" : `${long} <number> ${measure}`],
      ]);
    }),
  );

/** 毛巾, 条 毛巾: nothing is counted, so a verb has to say that it is wanted. */
export const plainGoods = (vocabulary: Vocabulary): string =>
  choice(
    byClassifier(vocabulary).map(([classifier, names]) => {
      const long = names.filter((name) => name.length > 1);
      return long.length === 0 ? "" : `[点 | ${classifier}] ${choice(long)}`;
    }),
  );

export const classifiersOf = (vocabulary: Vocabulary): string =>
  choice(["个", ...byClassifier(vocabulary).map(([classifier]) => classifier)]);
