import type { z } from "zod";
import type { Account, Role } from "../contract/index.ts";

/** One line of an API table: what the server mounts, the client calls and OpenAPI describes. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With `:name` for parameters. */
  readonly path: string;
  readonly roles: "anyone" | readonly Role[];
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** Media type of a body or an answer that is not JSON. */
  readonly accepts?: string;
  readonly content?: string;
}
export type RouteTable = Readonly<Record<string, Route>>;

type ParamNames<Path> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamNames<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;
type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** One request that passed the session, the role and the schemas of its route. */
export interface RouteRequest<R extends Route = Route> {
  readonly account: R["roles"] extends "anyone" ? Account | undefined : Account;
  readonly params: { readonly [Name in ParamNames<R["path"]>]: string };
  readonly query: "query" extends keyof R ? Parsed<R["query"]> : undefined;
  readonly body: "body" extends keyof R ? Parsed<R["body"]> : undefined;
  /** Where it came from. */
  readonly address: string;
  /** The session's secret, if it came with one. */
  readonly token: string | undefined;
  /** Reads a body that is not JSON. @throws WebError "too-large" */
  bytes(maxBytes: number): Promise<Buffer>;
  startSession(token: string, lastsMs: number): void;
  endSession(): void;
}

/** An answer of bytes in memory. */
export class BytesAnswer {
  readonly type: string;
  readonly bytes: Uint8Array;

  constructor(type: string, bytes: Uint8Array) {
    this.type = type;
    this.bytes = bytes;
  }
}

/** An answer that is a file on disk; ranges are served. */
export class FileAnswer {
  readonly type: string;
  readonly path: string;

  constructor(type: string, path: string) {
    this.type = type;
    this.path = path;
  }
}

/** What carries a table out: one function a route. Answers are cut down to what the route's schema names. */
export type Handlers<Table extends RouteTable> = {
  readonly [Name in keyof Table]: (
    request: RouteRequest<Table[Name]>,
  ) => Promise<z.input<Table[Name]["answer"]> | BytesAnswer | FileAnswer>;
};
