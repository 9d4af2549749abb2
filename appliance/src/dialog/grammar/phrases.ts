import { acts } from "../lexicon/index.ts";
import { type Goods, normalise, type RepairItem, type Vocabulary } from "../vocabulary/index.ts";

const HAN = /^\p{Script=Han}+$/u;

/** Forms that a Mandarin recogniser has sounds for, the first `most` of them. */
export const sayable = (forms: readonly string[], most: number): string[] =>
  [...new Set(forms.map(normalise))].filter((form) => HAN.test(form)).slice(0, most);

export const choice = (words: Iterable<string>): string => {
  const list = [...new Set(words)].filter((word) => word !== "");
  return list.length === 1 ? (list[0] ?? "") : `(${list.join(" | ")})`;
};

export const optional = (text: string): string => (text === "" ? "" : `[${text}]`);

/** Words with which callers begin and end, and which mean nothing here. Without them whole sentences fall outside the grammar. */
export const openings = choice([
  "你好",
  "您好",
  "喂",
  "嗯",
  "那个",
  "麻烦",
  "请",
  "帮我",
  "请问",
  "我这边",
  "我这里",
  "我们",
  "我",
  "我们这",
  "喂 你好",
  "你好 那个",
  "你好 我",
]);
export const tails = choice([
  "了",
  "啊",
  "吧",
  "呢",
  "的",
  "一下",
  "谢谢",
  "麻烦 了",
  "快 点",
  "好 吗",
  "可以 吗",
  "行 吗",
  "派人 来",
  "来 看看",
  "来 看 一下",
  "来 修 一下",
  "修 一下",
  "上来",
  "过来",
  "谢谢 啊",
  "吗",
]);
export const at = choice([
  "在",
  "到",
  "我在",
  "我住",
  "我是",
  "我住 在",
  "送到",
  "这里 是",
  "我这里 是",
  "房间号",
  "房间号 是",
  "房间 是",
  "是",
]);
export const roomWords = choice(["房间", "房", "号房", "号", "号 房间", "的", "房间 的", "房间 里"]);
export const degrees = choice(["一直", "老是", "有点", "好像", "都", "又", "突然", "一点 都", "也", "在", "的", "太", "很"]);
export const links = choice(["再", "还有", "另外", "顺便", "还要", "和"]);
export const bring = choice([
  "送",
  "拿",
  "要",
  "来",
  "给我",
  "借",
  "送 我",
  "再 送",
  "再 来",
  "帮我 拿",
  "帮我 送",
  "我要",
  "我想 要",
  "需要",
  "加",
  "换",
  "给我 送",
  "有 没有",
  "能不能 送",
]);
export const numbers = choice(["一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "二十"]);
const HUMAN = [
  "转人工",
  "人工",
  "人工 服务",
  "转 前台",
  "找 前台",
  "找 人工",
  "人工 客服",
  "叫 你们 经理",
  "找 经理",
  "接 前台",
  "我要 人工",
  "不要 机器人",
  "转接 人工",
  "客服",
];
const MESSAGE = ["留言", "我要 留言", "我想 留言", "留 个 言", "留 个 话", "语音 留言", "带 个 话"];
const REPEAT = ["再 说 一遍", "再说 一次", "没 听 清", "没 听 清楚", "重复 一遍", "什么"];
const EMERGENCY = ["着火 了", "救命", "有人 晕倒 了", "冒烟 了", "起火 了"];

/** What may be said at every question: a person, a repeat, an emergency. */
export const always = choice([...HUMAN, ...MESSAGE, ...REPEAT, ...EMERGENCY]);

export const yes = choice([
  "对",
  "对 对",
  "对的",
  "是的",
  "是",
  "没错",
  "嗯",
  "好的",
  "好",
  "可以",
  "行",
  "正确",
  "对 没错",
  "是 的 没错",
  "嗯 对",
  "对 啊",
  "确认",
  "没 问题",
]);
export const no = choice([
  "不对",
  "不是",
  "错了",
  "不",
  "不是 的",
  "不 对 不对",
  "搞错 了",
  "不行",
  "不要",
  "没有",
  "弄错 了",
  "听错 了",
]);
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
  "好了",
  "再见",
  ...acts.deny.filter((form) => form === "没别的了"),
]);

const OWN_FAULT_FORMS = 5;
const GENERIC = ["坏了", "坏 掉 了", "有问题", "不 能 用", "用 不了", "没 反应", "不 好用", "不 工作", "出 故障 了"];

const ownFaultForms = ({ faults, site }: RepairItem): string[] =>
  faults
    .filter(({ own }) => own)
    .flatMap((fault) => {
      const own = site?.faults.find(({ name }) => name === fault.name);
      return sayable(fault.forms, Math.max(OWN_FAULT_FORMS, 1 + (own?.synonyms.length ?? 0) + 2));
    });

export const generic = choice(GENERIC);
export const faultsOf = (item: RepairItem): string =>
  choice([
    ...ownFaultForms(item),
    ...sayable(
      item.faults.filter((fault) => !fault.own && !fault.generic).map(({ name }) => name),
      4,
    ),
  ]);
export const namesOf = (item: RepairItem | Goods): string => choice(sayable(item.forms, 4));

const siteItems = (vocabulary: Vocabulary): RepairItem[] =>
  vocabulary.items.filter((item) => item.site !== undefined && sayable(item.forms, 1).length > 0);

/** 空调 不制冷, 马桶 堵了 …; any item with a general word; and symptoms that name their item. */
export function broken(vocabulary: Vocabulary): string {
  const items = siteItems(vocabulary);
  const each = items.map((item) => `${namesOf(item)} [<degree>] ${faultsOf(item)}`);
  const any = `${items.length === 0 ? "" : choice(items.map(namesOf))} [<degree>] ${generic}`;
  return choice([...each, ...(items.length === 0 ? [] : [any]), choice(aloneForms(vocabulary))]);
}

const aloneForms = (vocabulary: Vocabulary): string[] =>
  sayable(
    [...vocabulary.alone]
      .filter(([form, { item, sure }]) => sure && form.length >= 3 && vocabulary.items[item]?.site)
      .map(([form]) => form),
    40,
  );

export const itemNames = (vocabulary: Vocabulary): string => choice(siteItems(vocabulary).map(namesOf));

/** 两 条 毛巾, 毛巾 两 条, 毛巾; goods that share a measure word share its numbers. */
export function goodsPhrases(vocabulary: Vocabulary): string {
  const offered = vocabulary.goods.filter((goods) => goods.offered && sayable(goods.forms, 1).length > 0);
  const byClassifier = new Map<string, Goods[]>();
  for (const goods of offered) {
    const [classifier = "个"] = goods.classifiers;
    byClassifier.set(classifier, [...(byClassifier.get(classifier) ?? []), goods]);
  }
  const groups = [...byClassifier].map(([classifier, goods]) => {
    const names = choice(goods.flatMap((one) => sayable(one.forms, 4)));
    const measure = classifier === "个" ? "个" : `(${classifier} | 个)`;
    return `([<number>] ${measure} ${names} | ${names} [<number> ${measure}])`;
  });
  return choice(groups);
}

export const classifiersOf = (vocabulary: Vocabulary): string =>
  choice(vocabulary.goods.filter(({ offered }) => offered).flatMap(({ classifiers }) => classifiers));
