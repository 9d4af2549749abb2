import type { IncomingMessage } from "node:http";
import type { Accounts } from "@sitebox/core/accounts";
import { type Account, type HeadquartersPush, headquartersApi } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { cookieOf, openServer, openSockets, type Pages, WebError, webApp } from "@sitebox/core/web";
import type { Claims } from "../enrolment/index.ts";
import type { Fleet } from "../fleet/index.ts";
import { handlers } from "./handlers.ts";

export interface HttpDeps {
  readonly host: string;
  readonly port: number;
  readonly accounts: Accounts;
  readonly fleet: Fleet;
  readonly claims: Claims;
  readonly software: string;
  readonly pages: Pages;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Http extends AsyncDisposable {
  readonly url: string;
  /** Tells every page that may see it; claims are for administrators. */
  push(message: HeadquartersPush): void;
}

const cookie = "sitebox-headquarters";

/** The API, the console's pages and their live connection. */
export async function openHttp(deps: HttpDeps): Promise<Http> {
  const { accounts, fleet, claims, software, clock, log } = deps;
  const app = webApp({
    title: "Sitebox headquarters",
    version: software,
    routes: headquartersApi,
    handlers: handlers({ accounts, fleet, claims, software }),
    sessions: accounts,
    pages: deps.pages,
    cookie,
    clock,
    log,
  });
  await using opening = new AsyncDisposableStack();
  const server = opening.use(await openServer(app.callback(), deps));

  async function authenticate(request: IncomingMessage): Promise<{ account: Account }> {
    const token = cookieOf(request, cookie);
    const account = token === undefined ? undefined : await accounts.authenticate(token);
    if (!account) throw new WebError("login-needed");
    if (account.mustChangePassword) throw new WebError("password-change-needed");
    return { account };
  }
  const sockets = opening.use(openSockets(server.server, { clock, log, paths: [{ path: "/ws", authenticate, methods: {} }] }));
  const owned = opening.move();
  return {
    url: server.url,
    push: (message) => sockets.broadcast(message, ({ account }) => message.type !== "claim" || account?.role === "admin"),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
