import type { SiteConfig, SiteItem } from "@sitebox/core/contract";
import {
  type ActKind,
  acts,
  fillers,
  type GoodsClass,
  goodsClasses,
  type ItemClass,
  itemClasses,
  type Symptom,
  symptoms,
} from "../lexicon/index.ts";
import { type Entry, FormIndex } from "./forms.ts";
import { toneless } from "./pinyin.ts";
import { expandRooms } from "./rooms.ts";
import { bareOf, normalise } from "./text.ts";

export interface Fault {
  /** As the site writes it, or as the built-in table does where the site has none. */
  readonly name: string;
  /** The site lists it for this item. */
  readonly own: boolean;
  /** It says only that the thing does not work. */
  readonly generic: boolean;
  /** How callers say it, the site's own words first. */
  readonly forms: readonly string[];
}

export interface RepairItem {
  readonly name: string;
  readonly forms: readonly string[];
  readonly faults: readonly Fault[];
  /** Absent where the site does not list it: still a request, for a person to look at. */
  readonly site?: SiteItem;
}

export interface Goods {
  readonly name: string;
  readonly forms: readonly string[];
  readonly classifiers: readonly string[];
  readonly most: number;
  /** The site offers it. */
  readonly offered: boolean;
}

/** What a symptom says that is said without a thing. */
export interface Alone {
  readonly item: number;
  readonly fault: Fault;
  /** Otherwise it is a guess. */
  readonly sure: boolean;
  /** The thing is in the words: 卡刷不开. */
  readonly named: boolean;
}

/** A site's own words joined with the built-in ones, compiled once for understanding and for grammars. */
export interface Vocabulary {
  readonly site: SiteConfig;
  readonly rooms: ReadonlySet<string>;
  readonly items: readonly RepairItem[];
  readonly goods: readonly Goods[];
  readonly index: FormIndex;
  /** The same phrases without degree words. */
  readonly skeletons: FormIndex;
  /** Phrases of two syllables and more by their blurred pinyin. */
  readonly sounds: ReadonlyMap<string, readonly Entry[]>;
  readonly longestSound: number;
  /** What a symptom means for an item, by skeleton: `faultOf[item].get(form)`. */
  readonly faultOf: readonly ReadonlyMap<string, Fault>[];
  /** Symptoms that name their thing themselves. */
  readonly alone: ReadonlyMap<string, Alone>;
}

const BROKEN = "broken";

/** Which class a name belongs to: one of its forms, or the longest form that it ends with or holds. */
function classOf<C extends { readonly forms: readonly string[] }>(
  classes: readonly C[],
  names: readonly string[],
): C | undefined {
  for (const name of names) {
    const exact = classes.find((one) => one.forms.some((form) => normalise(form) === name));
    if (exact) return exact;
  }
  let best: { one: C; length: number } | undefined;
  for (const name of names)
    for (const one of classes)
      for (const form of one.forms) {
        const fits = form.length > 1 ? name.includes(form) : name.endsWith(form);
        if (fits && form.length > (best?.length ?? 0)) best = { one, length: form.length };
      }
  return best?.one;
}

const symptomsFor = (classId: string | undefined): Symptom[] => {
  const own = symptoms.filter(({ of }) => classId !== undefined && of.includes(classId));
  return [...own, ...symptoms.filter((symptom) => symptom.of.includes("*") && !own.includes(symptom))];
};

/** Which built-in symptom a site's fault is: the one whose words it shares most of. */
function symptomOf(texts: readonly string[], candidates: readonly Symptom[]): Symptom | undefined {
  let best: { symptom: Symptom; score: number } | undefined;
  for (const text of texts.map((one) => bareOf(normalise(one))))
    for (const symptom of candidates)
      for (const form of [...symptom.forms, ...(symptom.alone ?? [])]) {
        const bare = bareOf(normalise(form));
        if (bare === "" || !text.includes(bare)) continue;
        const score = bare.length / text.length;
        if (score >= 0.5 && score > (best?.score ?? 0)) best = { symptom, score };
      }
  return best?.symptom;
}

const saidOf = ({ forms, alone = [] }: Symptom): readonly string[] => [...forms, ...alone];

function faultsOf(
  site: SiteItem | undefined,
  itemClass: ItemClass | undefined,
): { faults: Fault[]; bySymptom: Map<string, Fault> } {
  const candidates = symptomsFor(itemClass?.id);
  const bySymptom = new Map<string, Fault>();
  const faults: Fault[] = [];
  for (const { name, synonyms } of site?.faults ?? []) {
    const symptom = symptomOf([name, ...synonyms], candidates);
    // "打不开" of a lock and of a switch are two symptoms with one name.
    const meant = candidates.filter((one) => !bySymptom.has(one.id) && (one === symptom || one.name === name));
    const forms = [...new Set([name, ...synonyms, ...meant.flatMap(saidOf)])];
    const fault = { name, own: true, generic: symptom?.id === BROKEN, forms };
    faults.push(fault);
    for (const one of meant) bySymptom.set(one.id, fault);
  }
  for (const symptom of candidates) {
    if (bySymptom.has(symptom.id)) continue;
    const fault = { name: symptom.name, own: false, generic: symptom.id === BROKEN, forms: saidOf(symptom) };
    bySymptom.set(symptom.id, fault);
    faults.push(fault);
  }
  return { faults, bySymptom };
}

/** Compiles what a site's callers may name. Tens of milliseconds; kept for the life of the configuration. */
export function compileVocabulary(site: SiteConfig): Vocabulary {
  const index = new FormIndex();
  const skeletons = new FormIndex();
  const items: RepairItem[] = [];
  const faultOf: Map<string, Fault>[] = [];
  const alone = new Map<string, Alone>();
  const claimed = new Map<string, number>();
  const symptomFaults: Map<string, Fault>[] = [];

  const addItem = (siteItem: SiteItem | undefined, itemClass: ItemClass | undefined): void => {
    const position = items.length;
    const ownForms = siteItem ? [siteItem.name, ...siteItem.synonyms] : [];
    const inherits = itemClass !== undefined && !claimed.has(itemClass.id);
    const { faults, bySymptom } = faultsOf(siteItem, itemClass);
    const forms = [...new Set([...ownForms, ...(inherits ? itemClass.forms : [])].map(normalise))];
    items.push({ name: siteItem?.name ?? itemClass?.name ?? "", forms, faults, ...(siteItem && { site: siteItem }) });
    symptomFaults.push(bySymptom);
    if (inherits) claimed.set(itemClass.id, position);
    const meanings = new Map<string, Fault>();
    const ownWords = (siteItem?.faults ?? []).map(({ name, synonyms }, index) => ({
      fault: faults[index],
      forms: [name, ...synonyms],
    }));
    for (const { fault, forms: said } of [...ownWords, ...faults.map((fault) => ({ fault, forms: fault.forms }))])
      for (const form of said) {
        const bare = bareOf(normalise(form));
        if (fault && !meanings.has(bare)) meanings.set(bare, fault);
      }
    faultOf.push(meanings);
  };
  const names = (named: { name: string; synonyms: readonly string[] }): string[] =>
    [named.name, ...named.synonyms].map(normalise);
  for (const siteItem of site.items) addItem(siteItem, classOf(itemClasses, names(siteItem)));
  for (const itemClass of itemClasses) if (!claimed.has(itemClass.id)) addItem(undefined, itemClass);
  // The site's own words come first: a class's form never takes a name from another item of the site.
  const claim = (form: string, item: number): void => {
    const entry = index.entry(form);
    entry.item ??= item;
  };
  for (const [position, item] of items.entries()) if (item.site) for (const form of names(item.site)) claim(form, position);
  for (const [position, item] of items.entries()) for (const form of item.forms) claim(form, position);

  const goods = compileGoods(site);
  for (const [position, one] of goods.entries()) for (const form of one.forms) index.entry(form).goods ??= position;

  for (const meanings of faultOf)
    for (const bare of meanings.keys()) {
      skeletons.entry(bare).symptom = true;
      index.entry(bare).symptom = true;
    }
  for (const symptom of symptoms)
    for (const form of symptom.forms) {
      index.entry(normalise(form)).symptom = true;
    }
  for (const symptom of symptoms) {
    const owners = symptom.of.map((id) => claimed.get(id)).filter((one) => one !== undefined);
    for (const form of (symptom.alone ?? []).map(normalise)) {
      // 卡刷不开 is the card's, 门打不开 the door's, although one symptom is meant.
      const listedOwners = owners.filter((one) => items[one]?.site);
      const named = listedOwners
        .map((owner) => ({ owner, at: firstName(items[owner]?.forms ?? [], form) }))
        .filter(({ at }) => at >= 0)
        .sort((one, other) => one.at - other.at)[0];
      const position = named?.owner ?? listedOwners[0] ?? owners[0];
      if (position === undefined) continue;
      const listed = items[position]?.site?.faults.find(({ name, synonyms }) =>
        [name, ...synonyms].some((own) => form.includes(normalise(own))),
      );
      const fault = items[position]?.faults.find(({ name }) => name === listed?.name) ?? symptomFaults[position]?.get(symptom.id);
      if (fault === undefined) continue;
      const bare = bareOf(form);
      skeletons.entry(bare).symptom = true;
      index.entry(form).symptom = true;
      alone.set(bare, {
        item: position,
        fault,
        sure: true,
        named: named !== undefined,
      });
    }
  }
  addUnmistakable(items, faultOf, alone);

  for (const [kind, forms] of Object.entries(acts) as [ActKind, readonly string[]][])
    for (const form of forms) index.entry(normalise(form)).acts.add(kind);
  for (const form of fillers) index.entry(normalise(form)).filler = true;

  const { sounds, longestSound } = soundsOf(index);
  return { site, rooms: new Set(expandRooms(site.rooms)), items, goods, index, skeletons, sounds, longestSound, faultOf, alone };
}

/** Where a text first names a thing; -1 where it does not. */
const firstName = (names: readonly string[], text: string): number => {
  const places = names.map((name) => text.indexOf(name)).filter((place) => place >= 0);
  return places.length === 0 ? -1 : Math.min(...places);
};

/** A fault that only one item of the site has names that item, though less surely. Only the site's own words do: ours are too many. */
function addUnmistakable(
  items: readonly RepairItem[],
  faultOf: readonly ReadonlyMap<string, Fault>[],
  alone: Map<string, Alone>,
): void {
  const owners = new Map<string, Set<number>>();
  for (const [position, { site }] of items.entries())
    for (const { name, synonyms } of site?.faults ?? [])
      for (const word of [name, ...synonyms].map((one) => bareOf(normalise(one))))
        owners.set(word, (owners.get(word) ?? new Set()).add(position));
  for (const [bare, positions] of owners) {
    const [position, ...others] = positions;
    const fault = position === undefined ? undefined : faultOf[position]?.get(bare);
    if (position === undefined || others.length > 0 || alone.has(bare) || !fault || fault.generic || bare.length < 2) continue;
    // A long one names its thing in it: 遥控器没反应.
    alone.set(bare, { item: position, fault, sure: bare.length >= 5, named: false });
  }
}

function compileGoods(site: SiteConfig): Goods[] {
  const claimed = new Set<GoodsClass>();
  const offered = site.deliveries.map((delivery): Goods => {
    const own = [delivery.name, ...delivery.synonyms].map(normalise);
    const found = classOf(goodsClasses, own);
    const goodsClass = found && !claimed.has(found) ? found : undefined;
    if (goodsClass) claimed.add(goodsClass);
    return {
      name: delivery.name,
      forms: [...new Set([...own, ...(goodsClass?.forms ?? []).map(normalise)])],
      classifiers: [...new Set([...delivery.classifiers, ...(goodsClass?.classifiers ?? [])])],
      most: delivery.most,
      offered: true,
    };
  });
  const ownForms = new Set(site.deliveries.flatMap(({ name, synonyms }) => [name, ...synonyms]).map(normalise));
  const trimmed = offered.map((one, position) => {
    const own = new Set(
      [site.deliveries[position]?.name, ...(site.deliveries[position]?.synonyms ?? [])].map((form) => normalise(form ?? "")),
    );
    return { ...one, forms: one.forms.filter((form) => own.has(form) || !ownForms.has(form)) };
  });
  const others = goodsClasses
    .filter((goodsClass) => !claimed.has(goodsClass))
    .map((goodsClass): Goods => {
      const forms = goodsClass.forms.map(normalise).filter((form) => !ownForms.has(form));
      return { name: goodsClass.name, forms, classifiers: goodsClass.classifiers, most: 9, offered: false };
    });
  return [...trimmed, ...others];
}

function soundsOf(index: FormIndex): { sounds: Map<string, Entry[]>; longestSound: number } {
  const sounds = new Map<string, Entry[]>();
  let longestSound = 0;
  for (const entry of index.entries) {
    const content = entry.item !== undefined || entry.goods !== undefined || entry.acts.has("human");
    const least = content ? 2 : entry.symptom ? 3 : Number.POSITIVE_INFINITY;
    if (entry.form.length < least) continue;
    const syllables = toneless(entry.form);
    if (syllables.length !== entry.form.length) continue;
    const key = syllables.join(" ");
    sounds.set(key, [...(sounds.get(key) ?? []), entry]);
    longestSound = Math.max(longestSound, syllables.length);
  }
  return { sounds, longestSound };
}
