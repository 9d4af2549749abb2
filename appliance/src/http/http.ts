import type { IncomingMessage } from "node:http";
import type { BoxPush, Staff, StaffId, Ticket, TicketChange } from "@sitebox/core/contract";
import { cookieOf, openServer, openSockets, type SocketClient, WebError, webApp } from "@sitebox/core/web";
import type { BoxHttpDeps } from "./deps.ts";
import { boxHandlers, routes } from "./handlers.ts";
import { pushFor, TicketAudience, ticketFor, worksAtDesk } from "./views.ts";

export interface BoxHttp extends AsyncDisposable {
  /** Reaches it from this machine. */
  readonly url: string;
  readonly port: number;
  /** Tells every page that may see it. Changes of work orders and staff are told without being asked for. */
  push(push: BoxPush): void;
  /** How many pages of a member of the staff are connected, and so have been told of their work. */
  pagesOf(staff: StaffId): number;
}

const COOKIE = "sitebox";
const MOST_PAGES = 500;
const MOST_VISITORS = 100;
/** Changes that leave a work order open only until the next change of the same transaction. */
const passing: readonly TicketChange["type"][] = ["opened", "declined", "unassigned"];

/** Serves the box's API, pages and sockets. */
export async function openHttp(deps: BoxHttpDeps): Promise<BoxHttp> {
  const { accounts, tickets, clock, log } = deps;
  await using opening = new AsyncDisposableStack();
  const app = webApp({
    title: "Sitebox",
    version: deps.software,
    routes,
    handlers: boxHandlers(deps),
    sessions: accounts,
    clock,
    log,
    cookie: COOKIE,
    pages: { dir: deps.uiDir, entries: ["desk", "field", "visitor"], home: "desk" },
  });
  const server = opening.use(await openServer(app.callback(), deps.config.http));

  const authenticate = async (request: IncomingMessage) => {
    const token = cookieOf(request, COOKIE);
    const account = token === undefined ? undefined : await accounts.authenticate(token);
    if (!account) throw new WebError("login-needed");
    if (account.mustChangePassword) throw new WebError("password-change-needed");
    return { account };
  };
  const joined = (client: SocketClient) => deps.joined?.(client);
  const sockets = opening.use(
    openSockets(server.server, {
      clock,
      log,
      paths: [
        { path: "/ws", authenticate, methods: deps.agentMethods, most: MOST_PAGES, joined },
        { path: "/ws/visitor", authenticate: async () => ({}), methods: deps.visitorMethods, most: MOST_VISITORS, joined },
      ],
    }),
  );

  const push = (message: BoxPush) => {
    for (const client of sockets.clients) {
      const seen = client.account && pushFor(client.account, message);
      if (seen) client.push(seen);
    }
  };
  const audience = new TicketAudience(await tickets.list({ active: true, limit: 10_000 }));
  const ticketChanged = (ticket: Ticket, { type }: TicketChange) => {
    const told = audience.tell(ticket, passing.includes(type));
    for (const client of sockets.clients) {
      const { account } = client;
      if (account && (worksAtDesk(account) || (account.staff !== undefined && told(account.staff))))
        client.push({ type: "ticket", ticket: ticketFor(account, ticket) } satisfies BoxPush);
    }
  };
  const staffChanged = (staff: Staff) => push({ type: "staff", staff });
  tickets.events.on("ticketChanged", ticketChanged).on("staffChanged", staffChanged);
  opening.defer(() => void tickets.events.off("ticketChanged", ticketChanged).off("staffChanged", staffChanged));

  const owned = opening.move();
  return {
    url: server.url,
    port: server.port,
    push,
    pagesOf: (staff) => [...sockets.clients].filter(({ account }) => account?.staff === staff).length,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
