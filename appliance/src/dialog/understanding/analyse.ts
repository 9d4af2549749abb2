import { normalise, type Vocabulary } from "../vocabulary/index.ts";
import type { Analysis, Expecting, Thing } from "./analysis.ts";
import { correct } from "./corrections.ts";
import { deliveriesIn } from "./deliveries.ts";
import { namesRange } from "./places.ts";
import { repairsIn } from "./repairs.ts";
import { Sentence } from "./sentence.ts";
import { tokenise } from "./tokens.ts";

const CERTAIN = 0.72;
const MENTIONED = 0.58;
const WONDERS = /吗|么\?|\?|有没有|是不是|可不可以|能不能|怎么|呢$/u;
const ADDITIONAL = /再|还要|还有|另外|也要|顺便|以及|加上/u;

/** Takes one sentence apart with a site's words. Pure and under a few milliseconds. */
export function analyse(text: string, vocabulary: Vocabulary, expecting: Expecting = { slot: "anything" }): Analysis {
  const normal = normalise(text);
  const tokens = correct(tokenise(normal, vocabulary, { room: expecting.slot === "room" }));
  const sentence = new Sentence(normal, tokens, vocabulary);
  const repairs = repairsIn(sentence, expecting);
  const deliveries = deliveriesIn(sentence, repairs.used, expecting);
  // A thing that is merely mentioned beside a certain request is not asked for.
  const asked = [...repairs.things, ...deliveries.things];
  const certain = asked.some(({ confidence }) => confidence >= CERTAIN);
  const things: Thing[] = asked.filter(({ confidence }) => !certain || confidence >= MENTIONED).sort((a, b) => a.at - b.at);
  const placed = things.flatMap((thing): Thing[] => {
    const known = sentence.roomsFor(thing.at).filter((room) => room.known);
    return known.length === 0 ? [thing] : known.map(({ room }) => ({ ...thing, room }));
  });
  const quantity = sentence.lastQuantity;
  const rooms = sentence.rooms;
  const known = rooms.findLast((room) => room.known)?.room;
  const unknown = rooms.findLast((room) => !room.known)?.room;
  const acts = sentence.actsBeyond(repairs.used);
  const department = sentence.department;
  const polarity = sentence.polarity;
  const emergency = sentence.emergency;
  const named = [...new Set(rooms.flatMap((room) => (room.known ? [room.room] : [])))];
  const used = new Set(placed.map((thing) => thing.room));
  const unsurePlaces =
    sentence.unsurePlaces ||
    namesRange(text, vocabulary.rooms) ||
    (named.length > 0 && unknown !== undefined) ||
    (placed.length > 0 && named.some((room) => !used.has(room)));
  // "电视有没有少儿频道": something is named and nothing is wrong with it, so it is asked about.
  const wonders =
    WONDERS.test(normal) &&
    asked.every((thing) => thing.kind === "repair" && thing.faults.length === 0) &&
    !acts.has("repair-verb");
  const outside = acts.has("topic") ? "topic" : acts.has("question") || wonders ? "question" : undefined;
  return {
    text,
    things: placed,
    acts,
    additional: ADDITIONAL.test(normal),
    coverage: sentence.coverage,
    rooms: named,
    unsurePlaces,
    ...(known !== undefined && { room: known }),
    ...(unknown !== undefined && known === undefined && { unknownRoom: unknown }),
    ...(repairs.loneItem !== undefined && { item: repairs.loneItem }),
    ...(quantity !== undefined && { quantity }),
    ...(department !== undefined && { department }),
    ...(emergency && {
      emergency: emergency.entry.form,
      besideEmergency: placed.filter((thing) => sentence.clausesBetween(thing.at, emergency.start) > 0),
      emergencyRooms: sentence.roomsFor(emergency.start).flatMap((room) => (room.known ? [room.room] : [])),
    }),
    ...(polarity !== undefined && { polarity }),
    ...(outside !== undefined && { outside }),
  };
}
