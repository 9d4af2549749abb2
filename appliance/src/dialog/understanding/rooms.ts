import { cardinal, digitStrings, NUMERAL } from "./numbers.ts";

export interface RoomMention {
  readonly start: number;
  readonly end: number;
  readonly room: string;
  /** The site has this room. */
  readonly known: boolean;
}

const RUN = new RegExp(`[${NUMERAL}]+(?:(?:号楼|单元|楼的|层的|楼|层|栋|幢|座|杠|之)第?[${NUMERAL}]+)*`, "gu");
const JOINTS = /号楼|单元|楼的|层的|楼|层|栋|幢|座|杠|之|第/u;
const BEFORE = /(?:房间号?|房号|房|住在?|我是|我在|这里?是|这儿是|送到|送去|到|去|是|在|号码是?)[,是:]*$/u;
const AFTER = /^(?:号?房间?|房|室|号|这间|这屋)/u;
/** What follows a number that counts or measures. */
const MEASURE =
  /^(?:块|元|度|分|点|小时|秒|毫|个|条|瓶|双|张|件|套|床|把|根|盒|包|卷|袋|杯|份|台|片|次|天|晚|年|月|斤|米|兆|种|位|人|遍|楼|层|%)/u;
/** Longer numbers are telephone numbers. */
const LONGEST_ROOM = 6;
const SHORTEST_JOINED = 3;

/** How one run of numerals may be read, the likeliest first. */
function readings(run: string): string[] {
  const parts = run.split(JOINTS).filter((part) => part !== "");
  const [first = "", ...rest] = parts;
  if (rest.length === 0) return digitStrings(first);
  const last = rest.at(-1) ?? "";
  const floor = String(cardinal(first) ?? digitStrings(first)[0] ?? "");
  const found: string[] = [];
  for (const door of digitStrings(last)) {
    const before = [floor, ...rest.slice(0, -1).map((part) => digitStrings(part)[0] ?? "")].join("");
    if (door.startsWith(floor) && door.length > floor.length + 1) found.push(door);
    found.push(before + door.padStart(2, "0"), before + door, door);
  }
  return [...new Set(found)];
}

/** The room numbers that a sentence names: on the site's list wherever one reading of the numerals is. `expected`: a room was asked for. */
export function findRooms(text: string, rooms: ReadonlySet<string>, expected: boolean): RoomMention[] {
  const found: RoomMention[] = [];
  for (const match of text.matchAll(RUN)) {
    let start = match.index;
    const end = start + match[0].length;
    let mention = readRun(text, start, match[0], rooms, expected);
    if (mention) found.push(mention);
    // 12081209: the one room may follow the other without a pause.
    while (mention?.known && end - mention.end >= SHORTEST_JOINED) {
      start = mention.end;
      mention = readRun(text, start, text.slice(start, end), rooms, true);
      if (mention && mention.room.length >= SHORTEST_JOINED) found.push(mention);
    }
  }
  return found;
}

function readRun(
  text: string,
  start: number,
  run: string,
  rooms: ReadonlySet<string>,
  expected: boolean,
): RoomMention | undefined {
  const asked = expected || BEFORE.test(text.slice(0, start));
  // A count may follow without a pause: 八零六两瓶水.
  for (let length = run.length; length > 0; length--) {
    const end = start + length;
    const room = readings(run.slice(0, length)).find((reading) => rooms.has(reading));
    if (room === undefined) continue;
    const after = text.slice(end);
    const counts = MEASURE.test(after) && !AFTER.test(after);
    const short = room.length < 3 || /[十百千]$/u.test(run.slice(0, length));
    if (counts && !(length === run.length && asked && !short)) continue;
    if (short && !asked && !AFTER.test(after)) continue;
    return { start, end, room, known: true };
  }
  const after = text.slice(start + run.length);
  const [reading = ""] = readings(run);
  const marked = AFTER.test(after) || asked;
  const likely = reading.length >= 3 && reading.length <= LONGEST_ROOM && !MEASURE.test(after);
  const shaped = marked
    ? likely || (expected && reading.length >= 2) || (AFTER.test(after) && !/^号/u.test(after) && reading.length >= 2)
    : likely && !/^[,?]?(?:路|街)/u.test(after);
  if (!shaped || reading.length > LONGEST_ROOM) return undefined;
  return { start, end: start + run.length, room: reading, known: false };
}
