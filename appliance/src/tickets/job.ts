import type { SiteConfig, TicketRequest } from "@sitebox/core/contract";

/** The skill of those who take messages and whatever could not be understood. */
export const DESK_SKILL = "desk";

/** Whether a room lies in "806" or "801-820". Rooms of another length are other rooms. */
export function inRange(range: string, room: string): boolean {
  const [from = "", to = from] = range.split("-");
  return /^\d+$/.test(room) && room.length === from.length && Number(room) >= Number(from) && Number(room) <= Number(to);
}

/** Which zone a place belongs to, if the site says so. */
export function zoneOf(site: Pick<SiteConfig, "zones">, place: string | undefined): string | undefined {
  if (place === undefined) return undefined;
  return site.zones.find(({ id, name, rooms }) => id === place || name === place || rooms.some((range) => inRange(range, place)))
    ?.id;
}

/** What a request needs: whose skill, and where. */
export function jobOf(
  site: Pick<SiteConfig, "zones" | "items" | "deliveries">,
  { kind, item, place }: Pick<TicketRequest, "kind"> & { item?: string | null | undefined; place?: string | null | undefined },
): { skill: string; zone: string | undefined } {
  const named = ({ name, synonyms }: { name: string; synonyms: readonly string[] }) =>
    name === item || (typeof item === "string" && synonyms.includes(item));
  const things = kind === "repair" ? site.items : kind === "delivery" ? site.deliveries : [];
  return { skill: things.find(named)?.skill ?? DESK_SKILL, zone: zoneOf(site, place ?? undefined) };
}
