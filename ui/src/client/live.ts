import type { Clock } from "@sitebox/core/kernel";
import type { z } from "zod";
import type { Answer, Api, Ask, Client, ClientEvent, Link } from "./client.ts";
import { ClientError, endsSession } from "./client-error.ts";
import { askRoute, type Fetch } from "./http.ts";
import { Socket, type SocketLike } from "./socket.ts";

export interface LiveOptions<A extends Api, Push> {
  readonly api: A;
  readonly push: z.ZodType<Push>;
  /** In front of every path; empty where the page comes from the server itself. */
  readonly base: string;
  readonly socketPath: "/ws" | "/ws/visitor";
  /** The route that tells whether the session still holds, asked before each connection; none where nobody logs in. */
  readonly probe?: keyof A;
}

export interface LiveDeps {
  readonly fetch: Fetch;
  readonly connect: (path: string) => SocketLike;
  readonly clock: Pick<Clock, "after">;
  /** 0 to 1: spreads the pages that come back after a restart. */
  readonly random: () => number;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 8_000;

/** How long to wait before attempt `attempt` (from 0): doubling, at most 8 s, spread over half of it. */
export const retryAfterMs = (attempt: number, random: number): number =>
  Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt) * (0.5 + random / 2);

/** A client of a server that is really there. */
export class LiveClient<A extends Api, Push> implements Client<A, Push> {
  readonly #options: LiveOptions<A, Push>;
  readonly #deps: LiveDeps;
  readonly #listeners = new Set<(event: ClientEvent<Push>) => void>();
  #link: Link = "closed";
  #socket: Socket | undefined;
  #retry: Disposable | undefined;
  #attempt = 0;
  /** Grows with every open and close: what belongs to an earlier one is ignored. */
  #generation = 0;

  constructor(options: LiveOptions<A, Push>, deps: LiveDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  get link(): Link {
    return this.#link;
  }

  async call<Name extends keyof A>(name: Name, ask: Ask<A[Name]>): Promise<Answer<A[Name]>> {
    const route = this.#options.api[name];
    if (!route) throw new ClientError("unexpected", `no route ${String(name)}`);
    try {
      return await askRoute<A, Name>({ fetch: this.#deps.fetch, base: this.#options.base }, route, ask);
    } catch (error) {
      if (this.#link !== "closed" && endsSession(error)) this.#signedOut();
      throw error;
    }
  }

  request(method: string, params?: unknown): Promise<unknown> {
    return this.#socket?.request(method, params) ?? Promise.reject(new ClientError("offline", "not connected"));
  }

  subscribe(listener: (event: ClientEvent<Push>) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  fileUrl(path: string): string {
    return this.#options.base + path;
  }

  open(): void {
    if (this.#link === "online" || this.#link === "connecting") return;
    this.#retry?.[Symbol.dispose]();
    this.#setLink("connecting");
    void this.#connect(++this.#generation);
  }

  close(): void {
    this.#generation++;
    this.#attempt = 0;
    this.#retry?.[Symbol.dispose]();
    this.#setLink("closed");
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Never rejects: every failure becomes a later attempt or the end of the session. */
  async #connect(generation: number): Promise<void> {
    const refusal = await this.#probe();
    if (generation !== this.#generation) return;
    if (refusal && endsSession(refusal)) return this.#signedOut();
    if (refusal) return this.#lost(generation);
    this.#socket = new Socket(this.#deps.connect(this.#options.base + this.#options.socketPath), {
      opened: () => {
        if (generation !== this.#generation) return;
        this.#attempt = 0;
        this.#setLink("online");
      },
      pushed: (message) => this.#pushed(generation, message),
      closed: () => this.#lost(generation),
    });
  }

  /** A browser does not tell why a socket was refused, so the session is asked after by HTTP first. */
  async #probe(): Promise<unknown> {
    const { probe, api, base } = this.#options;
    const route = probe === undefined ? undefined : api[probe];
    if (!route) return undefined;
    return askRoute<A, keyof A>({ fetch: this.#deps.fetch, base }, route, {} as Ask<A[keyof A]>).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  #pushed(generation: number, message: unknown): void {
    if (generation !== this.#generation) return;
    const push = this.#options.push.safeParse(message);
    // A newer server may push what this page does not know yet.
    if (push.success) this.#tell({ type: "push", push: push.data });
  }

  #lost(generation: number): void {
    if (generation !== this.#generation) return;
    this.#socket = undefined;
    this.#setLink("offline");
    this.#retry?.[Symbol.dispose]();
    this.#retry = this.#deps.clock.after(retryAfterMs(this.#attempt++, this.#deps.random()), () => this.open());
  }

  #signedOut(): void {
    this.close();
    this.#tell({ type: "signed-out" });
  }

  #setLink(link: Link): void {
    if (this.#link === link) return;
    this.#link = link;
    this.#tell({ type: "link", link });
  }

  #tell(event: ClientEvent<Push>): void {
    for (const listener of this.#listeners) listener(event);
  }
}
