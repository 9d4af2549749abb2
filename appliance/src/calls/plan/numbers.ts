import type { CallsConfig, OutgoingRoute, RingGroup } from "@sitebox/core/contract";
import { type NumberTest, patternTest } from "./pattern.ts";

/** Numbers that do something instead of ringing somebody. */
export type Feature =
  | { readonly type: "paging"; readonly group: RingGroup }
  | { readonly type: "slot"; readonly slot: string }
  | { readonly type: "pick-up"; readonly at: string | undefined }
  | { readonly type: "do-not-disturb"; readonly on: boolean }
  | { readonly type: "mailbox" }
  /** Codes that mean something during a call only. */
  | { readonly type: "during-call" };

/** What a number stands for at this site, whoever dials it. */
export type Meaning =
  | Feature
  | { readonly type: "service" }
  | { readonly type: "extension"; readonly number: string; readonly room?: string }
  | { readonly type: "group"; readonly group: RingGroup }
  | { readonly type: "emergency"; readonly number: string }
  | { readonly type: "outside"; readonly number: string; readonly route: string }
  | { readonly type: "unknown" };

/** How an outside number goes out. */
export interface Way {
  readonly route: string;
  /** The number as the line gets it. */
  readonly dialled: string;
  /** Lines in the order in which they are tried; undefined: all. */
  readonly lines: readonly string[] | undefined;
  readonly order: OutgoingRoute["order"];
}

/** What numbers stand for, read from the configuration once; extensions are looked up at every question. */
export interface Numbers {
  meaningOf(number: string): Meaning;
  /** The route of an outside number; undefined where no route takes it. */
  wayOf(number: string): Way | undefined;
  isEmergency(number: string): boolean;
}

export interface NumbersConfig {
  readonly calls: CallsConfig;
  readonly serviceNumbers: readonly string[];
  /** All that there are now. */
  extensions(): readonly string[];
  readonly roomExtensions: Readonly<Record<string, string>>;
}

interface CompiledRoute {
  readonly route: OutgoingRoute;
  readonly fits: NumberTest;
}

/** Whoever dials an emergency number as he dials every outside number means the emergency number. */
const emergencyBehind = (number: string, { strip, prepend }: OutgoingRoute, emergency: ReadonlySet<string>) =>
  [number.slice(strip), prepend + number.slice(strip)].find((meant) => emergency.has(meant));

/** Reads the numbers of a site. Where two things have one number, the first of this order has it. @throws SyntaxError for a bad pattern */
export function readNumbers({ calls, serviceNumbers, extensions, roomExtensions }: NumbersConfig): Numbers {
  const { codes, groups, outgoing } = calls;
  const emergency = new Set(calls.emergencyNumbers);
  const beforeExtensions = new Map<string, Meaning>();
  for (const number of serviceNumbers) beforeExtensions.set(number, { type: "service" });
  for (const number of emergency) beforeExtensions.set(number, { type: "emergency", number });
  const fixed = new Map<string, Meaning>();
  const name = (number: string, meaning: Meaning) => {
    if (!fixed.has(number)) fixed.set(number, meaning);
  };
  for (const group of groups) name(group.number, { type: "group", group });
  for (const group of groups) if (group.pagingNumber !== undefined) name(group.pagingNumber, { type: "paging", group });
  for (let slot = codes.parkSlots.first; slot <= codes.parkSlots.last; slot++)
    name(String(slot), { type: "slot", slot: String(slot) });
  name(codes.pickup, { type: "pick-up", at: undefined });
  name(codes.doNotDisturbOn, { type: "do-not-disturb", on: true });
  name(codes.doNotDisturbOff, { type: "do-not-disturb", on: false });
  name(codes.mailbox, { type: "mailbox" });
  name(codes.park, { type: "during-call" });
  name(codes.consult, { type: "during-call" });
  const rooms = Object.entries(roomExtensions);
  const routes: readonly CompiledRoute[] = outgoing.map((route) => ({ route, fits: patternTest(route.dialled) }));

  const extensionAt = (number: string): Meaning | undefined =>
    extensions().includes(number) ? { type: "extension", number } : undefined;
  const roomAt = (dialled: string): Meaning | undefined => {
    const [number, room] = rooms.find(([of, one]) => one === dialled && extensions().includes(of)) ?? [];
    return number === undefined || room === undefined ? undefined : { type: "extension", number, room };
  };
  const routeOf = (number: string) => routes.find(({ fits }) => fits(number))?.route;

  return {
    wayOf(number) {
      const route = routeOf(number);
      if (!route) return undefined;
      const { name, prepend, strip, lines, order } = route;
      return { route: name, dialled: prepend + number.slice(strip), lines, order };
    },
    isEmergency: (number) => emergency.has(number),
    meaningOf(number) {
      const known = beforeExtensions.get(number) ?? extensionAt(number) ?? fixed.get(number) ?? roomAt(number);
      if (known) return known;
      if (codes.pickup !== "" && number.startsWith(codes.pickup))
        return { type: "pick-up", at: number.slice(codes.pickup.length) };
      const route = routeOf(number);
      if (!route) return { type: "unknown" };
      const meant = emergencyBehind(number, route, emergency);
      return meant === undefined ? { type: "outside", number, route: route.name } : { type: "emergency", number: meant };
    },
  };
}
