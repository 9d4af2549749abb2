import { BoxPush, boxApi, HeadquartersPush, headquartersApi } from "@sitebox/core/contract";
import { type BoxClient, type HeadquartersClient, LiveClient, type LiveDeps } from "../client/index.ts";
import { browserClock } from "../kit/index.ts";

const browser: LiveDeps = {
  fetch: (url, init) => fetch(url, init),
  connect(path) {
    const url = new URL(path, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    return new WebSocket(url);
  },
  clock: browserClock,
  random: Math.random,
};

/** What `?recorded=offline` asks for: the scene, "" for the ordinary one, nothing for a live page. */
export const recordedScene = (search: string): string | undefined => new URLSearchParams(search).get("recorded") ?? undefined;

/** The client of the box this page was served by, or of a recorded one with `?recorded` in the address. */
export async function openBoxClient(socketPath: "/ws" | "/ws/visitor", search = location.search): Promise<BoxClient> {
  const scene = recordedScene(search);
  if (scene !== undefined) {
    const { recordedBox } = await import("../recorded/index.ts");
    return recordedBox(scene);
  }
  const options = { api: boxApi, push: BoxPush, base: "", socketPath } as const;
  const client = new LiveClient<typeof boxApi, BoxPush>(socketPath === "/ws" ? { ...options, probe: "me" } : options, browser);
  reconnectOnWake(client);
  return client;
}

/** The client of headquarters, or of a recorded one. */
export async function openHeadquartersClient(search = location.search): Promise<HeadquartersClient> {
  const scene = recordedScene(search);
  if (scene !== undefined) {
    const { recordedHeadquarters } = await import("../recorded/index.ts");
    return recordedHeadquarters(scene);
  }
  const base = import.meta.env.DEV ? "/headquarters" : "";
  const client = new LiveClient<typeof headquartersApi, HeadquartersPush>(
    { api: headquartersApi, push: HeadquartersPush, base, socketPath: "/ws", probe: "me" },
    browser,
  );
  reconnectOnWake(client);
  return client;
}

/** A telephone that leaves its pocket or finds the Wi-Fi again does not wait for the next attempt. */
function reconnectOnWake(client: { readonly link: string; open(): void }): void {
  const wake = () => {
    if (client.link === "offline" && !document.hidden) client.open();
  };
  addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);
}
