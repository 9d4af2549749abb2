import type { BoxPush, boxApi, HeadquartersPush, headquartersApi } from "@sitebox/core/contract";
import type { z } from "zod";

/** One line of a server's route table, as the contract writes it. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
  readonly answer: z.ZodType;
}
export type Api = Readonly<Record<string, Route>>;

type PathNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | PathNames<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** What a route wants to be told: the names in its path, its query and its body. */
export type Ask<R extends Route> = ([PathNames<R["path"]>] extends [never]
  ? unknown
  : { readonly params: Readonly<Record<PathNames<R["path"]>, string>> }) &
  (R extends { readonly body: infer Body extends z.ZodType } ? { readonly body: z.input<Body> } : unknown) &
  (R extends { readonly query: infer Query extends z.ZodType } ? { readonly query?: z.input<Query> } : unknown);
export type Answer<R extends Route> = z.output<R["answer"]>;

/** Whether the server can be heard: `closed` before anybody asked for it. */
export type Link = "closed" | "connecting" | "online" | "offline";

export type ClientEvent<Push> =
  | { readonly type: "push"; readonly push: Push }
  | { readonly type: "link"; readonly link: Link }
  /** The session has ended: somebody has to log in again. */
  | { readonly type: "signed-out" };

/** The one object a page speaks to its server through, live or recorded. */
export interface Client<A extends Api, Push> {
  /** Asks a route of the table. @throws {ClientError} */
  call<Name extends keyof A>(name: Name, ask: Ask<A[Name]>): Promise<Answer<A[Name]>>;
  /** Asks over the socket. @throws {ClientError} `offline` when there is no socket. */
  request(method: string, params?: unknown): Promise<unknown>;
  /** Tells pushes and changes of the link until the returned function is called. */
  subscribe(listener: (event: ClientEvent<Push>) => void): () => void;
  readonly link: Link;
  /** Where a binary answer is fetched, e.g. a recording. */
  fileUrl(path: string): string;
  /** Opens the socket and keeps it open. */
  open(): void;
  close(): void;
}

export type BoxClient = Client<typeof boxApi, BoxPush>;
export type HeadquartersClient = Client<typeof headquartersApi, HeadquartersPush>;
