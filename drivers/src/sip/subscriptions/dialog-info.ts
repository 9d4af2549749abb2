import { formatUri } from "../parser/index.ts";
import type { EventPackage, Presence, Resource, Telling } from "./packages.ts";

type LineState = ReturnType<Presence["lineState"]>;

const STATES = { ringing: "early", busy: "confirmed", idle: "terminated" } as const satisfies Record<LineState, string>;

const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** The lamps of other extensions (RFC 4235): one dialog stands for whatever an extension is busy with; with whom is not told. */
class DialogTelling implements Telling {
  readonly #presence: Presence;
  readonly #resource: Resource;
  #version = 0;
  #episode = 0;
  #told: LineState = "idle";

  constructor(presence: Presence, resource: Resource) {
    this.#presence = presence;
    this.#resource = resource;
  }

  next(whole: boolean): string | undefined {
    const state = this.#presence.lineState(this.#resource.number);
    const before = this.#told;
    if (!whole && state === before) return undefined;
    if (before === "idle" && state !== "idle") this.#episode += 1;
    this.#told = state;
    const gone = whole && state === "idle";
    const dialog = gone ? [] : [this.#dialog(state)];
    const attributes = `version="${this.#version++}" state="${whole ? "full" : "partial"}"`;
    const entity = escaped(formatUri(this.#resource.entity));
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" ${attributes} entity="${entity}">`,
      ...dialog,
      "</dialog-info>",
      "",
    ].join("\r\n");
  }

  #dialog(state: LineState): string {
    const direction = state === "ringing" ? ' direction="recipient"' : "";
    const id = escaped(`${this.#resource.number}-${this.#episode}`);
    return `<dialog id="${id}"${direction}><state>${STATES[state]}</state></dialog>`;
  }
}

/** Whether extensions ring or talk; every extension may watch every other. */
export const dialogInfo = (presence: Presence): EventPackage => ({
  name: "dialog",
  type: "application/dialog-info+xml",
  mayWatch: () => true,
  tell: (resource) => new DialogTelling(presence, resource),
  onChanged: (listener) => presence.onLineState(listener),
});
