import { type Answer, type Api, type Ask, type Client, ClientError, type ClientEvent, type Link } from "../client/index.ts";

/** A page's address asks for a scene: `?recorded`, `?recorded=offline`, `loading`, `empty`, `login`, `password`, `offer`, `agent`. */
export type Scene = string;

export interface Recording<Push> {
  /** What a route answers. */
  readonly answer: (
    name: string,
    ask: { params?: Record<string, string>; query?: Record<string, unknown>; body?: unknown },
  ) => unknown;
  readonly request: (method: string, params: unknown) => unknown;
  readonly fileUrl: (path: string) => string;
  /** Called once when the page opens its socket, with a way to push. */
  readonly opened?: (push: (push: Push) => void) => void;
}

/** A client without a server: every screen can be opened with it, in every state. */
export class RecordedClient<A extends Api, Push> implements Client<A, Push> {
  readonly #scene: Scene;
  readonly #recording: Recording<Push>;
  readonly #listeners = new Set<(event: ClientEvent<Push>) => void>();
  #link: Link = "closed";

  constructor(scene: Scene, recording: Recording<Push>) {
    this.#scene = scene;
    this.#recording = recording;
  }

  get link(): Link {
    return this.#link;
  }

  async call<Name extends keyof A>(name: Name, ask: Ask<A[Name]>): Promise<Answer<A[Name]>> {
    const isDoor = name === "me" || name === "login" || name === "logout" || name === "changePassword";
    if (this.#scene === "loading" && !isDoor) return new Promise(() => undefined);
    if (this.#scene === "offline" && this.#link === "offline" && !isDoor) throw new ClientError("offline", "recorded as offline");
    return this.#recording.answer(String(name), ask as object) as Answer<A[Name]>;
  }

  async request(method: string, params?: unknown): Promise<unknown> {
    if (this.#link !== "online") throw new ClientError("offline", "recorded as offline");
    return this.#recording.request(method, params);
  }

  subscribe(listener: (event: ClientEvent<Push>) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  fileUrl(path: string): string {
    return this.#recording.fileUrl(path);
  }

  open(): void {
    if (this.#link === "online") return;
    this.#setLink("online");
    this.#recording.opened?.((push) => this.push(push));
    // The link breaks after the first load, as it does in a lift.
    if (this.#scene === "offline") setTimeout(() => this.#setLink("offline"), 300);
  }

  close(): void {
    this.#setLink("closed");
  }

  push(push: Push): void {
    for (const listener of this.#listeners) listener({ type: "push", push });
  }

  #setLink(link: Link): void {
    this.#link = link;
    for (const listener of this.#listeners) listener({ type: "link", link });
  }
}
