/** One connection of a box as it announced itself: its boot, and since when it is connected by its own clock. */
export interface Birth {
  readonly boot: string;
  readonly since: number;
}

export type Presence =
  | { readonly state: "online"; readonly since: number; readonly birth: Birth }
  | { readonly state: "offline"; readonly since: number; readonly birth: Birth | undefined };

export type PresenceEvent =
  | { readonly type: "born"; readonly birth: Birth; readonly at: number }
  /** By its will, by its own word, or because its connection closed. */
  | { readonly type: "gone"; readonly birth: Birth; readonly at: number };

const same = (a: Birth | undefined, b: Birth) => a?.boot === b.boot && a.since === b.since;

/** A box is online from its birth until that same connection is gone. What an earlier connection left behind comes late and is ignored. */
export function step(presence: Presence, event: PresenceEvent): Presence {
  switch (event.type) {
    case "born":
      return presence.state === "online" && same(presence.birth, event.birth)
        ? presence
        : { state: "online", since: event.at, birth: event.birth };
    case "gone":
      return presence.state === "online" && same(presence.birth, event.birth)
        ? { state: "offline", since: event.at, birth: event.birth }
        : presence;
  }
}
