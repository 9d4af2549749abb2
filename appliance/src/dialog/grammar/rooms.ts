const DIGITS = [..."零一二三四五六七八九"];

const spoken = (digits: string): string[] => Array.from(digits, (digit) => DIGITS[Number(digit)] ?? digit);

/** 12 → 十 二, 3 → 三, 20 → 二 十. */
function counted(value: number): string[] {
  if (value < 10) return spoken(String(value));
  const tens = Math.floor(value / 10);
  return [...(tens === 1 ? [] : spoken(String(tens))), "十", ...(value % 10 === 0 ? [] : spoken(String(value % 10)))];
}

/** The ways in which people say a room number, as words. */
export function spokenRoom(room: string): string[][] {
  const ways = [spoken(room)];
  if (/^[1-9]\d\d$/.test(room)) {
    const [hundreds = "", tens = "", ones = ""] = room;
    const rest = tens === "0" ? ["零", ...spoken(ones)] : [...spoken(tens), "十", ...(ones === "0" ? [] : spoken(ones))];
    if (room.slice(1) !== "00") ways.push([...spoken(hundreds), "百", ...rest]);
  }
  // Floor and door: 八楼零六, 十二零三, 十二楼零三.
  if (/^[1-9]\d{2,3}$/.test(room)) {
    const floor = Number(room.slice(0, -2));
    const door = spoken(room.slice(-2));
    ways.push([...counted(floor), "楼", ...door]);
    if (floor >= 10) ways.push([...counted(floor), ...door]);
  }
  return ways;
}

interface Node {
  readonly next: Map<string, Node>;
  ends: boolean;
}

/** All rooms of a site as one tree of words: a decoder follows one digit at a time instead of hundreds of phrases. */
export function roomTree(rooms: Iterable<string>): string {
  const root: Node = { next: new Map(), ends: false };
  for (const room of rooms)
    for (const way of spokenRoom(room)) {
      let node = root;
      for (const word of way) {
        const next = node.next.get(word) ?? { next: new Map(), ends: false };
        node.next.set(word, next);
        node = next;
      }
      node.ends = true;
    }
  return write(root);
}

/** A one is 一 or, on the telephone, 幺. */
const saying = (word: string): string => (word === "一" ? "(一 | 幺)" : word);

/** Most callers say the digits; the other ways are there, but do not take 八零九 for 八楼一九. */
const weightOf = (word: string): number => (/[楼百十]/u.test(word) ? 1 : 30);

function write(node: Node): string {
  const alternatives = [...node.next].map(([word, next]) => {
    const rest = write(next);
    const said = rest === "" ? saying(word) : `${saying(word)} ${next.ends ? `[${rest}]` : rest}`;
    return { word, said };
  });
  const mixed = alternatives.some(({ word }) => weightOf(word) !== weightOf(alternatives[0]?.word ?? ""));
  const written = alternatives.map(({ word, said }) => (mixed ? `/${weightOf(word)}/ ${said}` : said));
  return written.length === 1 ? (written[0] ?? "") : written.length === 0 ? "" : `(${written.join(" | ")})`;
}
