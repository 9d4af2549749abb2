import Router from "@koa/router";
import Koa, { type Context, type Middleware } from "koa";
import type { z } from "zod";
import type { Account } from "../contract/index.ts";
import type { Clock, Log } from "../kernel/index.ts";
import { cookieOf, fromOwnPage, readBytes, readJson } from "./bodies.ts";
import { problemOf, WebError } from "./faults.ts";
import { sendFile } from "./files.ts";
import { openApi } from "./openapi.ts";
import { type Pages, pages } from "./pages.ts";
import { BytesAnswer, FileAnswer, type Handlers, type Route, type RouteRequest, type RouteTable } from "./routes.ts";
import { issuesOf } from "./schema-issues.ts";

export interface WebDeps<Table extends RouteTable> {
  readonly title: string;
  readonly version: string;
  readonly routes: Table;
  readonly handlers: Handlers<Table>;
  readonly sessions: { authenticate(token: string): Promise<Account | undefined> };
  readonly clock: Clock;
  readonly log: Log;
  readonly pages?: Pages;
  /** Browsers share cookies between the ports of a host: two servers on one machine need two names. */
  readonly cookie?: string;
  /** Further origins whose pages are ours, e.g. "http://localhost:5173". */
  readonly origins?: readonly string[];
}

/** Routes that an account with a one-time password may use before it has set its own. */
const beforePasswordChange = new Set(["login", "logout", "me", "changePassword"]);

/** Element Plus, Vant and ECharts set styles on elements; everything else of ours comes from files. */
const contentPolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const secure: Middleware = (ctx, next) => {
  ctx.set({
    "content-security-policy": contentPolicy,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(self), geolocation=()",
  });
  return next();
};

/** The edge: whatever fails inside is logged here and answered as a problem. */
function edge(clock: Clock, log: Log): Middleware {
  return async (ctx, next) => {
    const startedAt = clock.monotonic();
    try {
      await next();
      if (ctx.status === 404 && ctx.body === undefined) throw new WebError("no-such-address");
    } catch (error) {
      const { status, problem, retryAfterMs } = problemOf(error);
      ctx.status = status;
      if (retryAfterMs !== undefined) ctx.set("retry-after", String(Math.ceil(retryAfterMs / 1_000)));
      ctx.body = problem;
      ctx.state.fault = problem.fault;
      if (status >= 500) ctx.state.err = error;
    }
    const { route, account, fault, err } = ctx.state as { route?: string; account?: Account; fault?: string; err?: unknown };
    if (route === undefined && err === undefined) return;
    const fields = {
      route: route ?? "page",
      status: ctx.status,
      ms: Math.round(clock.monotonic() - startedAt),
      ...(fault !== undefined && { fault }),
      pii: { address: ctx.ip, ...(account && { account: account.name }) },
    };
    if (err !== undefined) log.error("request failed", { ...fields, err });
    else if (ctx.method === "GET") log.debug("request", fields);
    else log.info("request", fields);
  };
}

/** Parses what came in by the route's schema. @throws WebError "invalid" with the fields */
function parse(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new WebError("request-unfit", { where }, { issues: issuesOf(parsed.error) });
  return parsed.data;
}

/** @throws WebError "unauthenticated", "must-change-password", "not-allowed" */
function admit(name: string, { roles }: Route, account: Account | undefined): void {
  if (roles === "anyone") return;
  if (!account) throw new WebError("login-needed");
  if (!roles.includes(account.role)) throw new WebError("role-unfit", { role: account.role });
  if (account.mustChangePassword && !beforePasswordChange.has(name)) throw new WebError("password-change-needed");
}

async function send(ctx: Context, route: Route, answer: unknown): Promise<void> {
  if (answer instanceof FileAnswer) return sendFile(ctx, answer.path, { type: answer.type, cache: "private, no-cache" });
  ctx.set("cache-control", "no-store");
  if (answer instanceof BytesAnswer) {
    ctx.type = answer.type;
    ctx.body = Buffer.from(answer.bytes);
    return;
  }
  // Parsing cuts away what the contract does not name, so nothing internal leaves by accident.
  ctx.body = JSON.stringify(route.answer.parse(answer) ?? null);
  ctx.type = "application/json";
}

function mounted<Table extends RouteTable>(deps: WebDeps<Table>, cookie: string): Router {
  const router = new Router();
  const cookieOptions = (ctx: Context) => ({ httpOnly: true, sameSite: "lax" as const, secure: ctx.secure, path: "/" });
  for (const [name, route] of Object.entries(deps.routes)) {
    const handle = deps.handlers[name] as (request: RouteRequest) => Promise<unknown>;
    router.register(route.path, [route.method], async (ctx) => {
      ctx.state.route = name;
      const token = cookieOf(ctx.req, cookie);
      const account = token === undefined ? undefined : await deps.sessions.authenticate(token);
      ctx.state.account = account;
      admit(name, route, account);
      const query = parse(route.query, { ...ctx.query }, "query");
      const body = route.body && parse(route.body, await readJson(ctx.req), "body");
      const request = {
        account,
        params: ctx.params,
        query,
        body,
        address: ctx.ip,
        token,
        bytes: (maxBytes: number) => readBytes(ctx.req, maxBytes),
        startSession: (secret: string, lastsMs: number) =>
          void ctx.cookies.set(cookie, secret, { ...cookieOptions(ctx), maxAge: lastsMs }),
        endSession: () => void ctx.cookies.set(cookie, null, cookieOptions(ctx)),
      };
      await send(ctx, route, await handle(request as unknown as RouteRequest));
    });
  }
  return router;
}

/** The whole web side of a process, but for its sockets: API table, its OpenAPI document at /api/openapi.json, and the pages. */
export function webApp<Table extends RouteTable>(deps: WebDeps<Table>): Koa {
  const cookie = deps.cookie ?? "sitebox";
  const log = deps.log.child("web");
  const app = new Koa();
  // A stream that fails while it is being sent, e.g. because the browser went away.
  app.on("error", (err: unknown) => log.debug("answer cut off", { err }));
  app.use(edge(deps.clock, log));
  app.use(secure);
  app.use((ctx, next) => {
    if (!["GET", "HEAD", "OPTIONS"].includes(ctx.method) && !fromOwnPage(ctx.req, deps.origins))
      throw new WebError("other-sites-page");
    return next();
  });
  const router = mounted(deps, cookie);
  const description = openApi(deps.routes, { title: deps.title, version: deps.version }, cookie);
  router.get("/api/openapi.json", (ctx) => {
    ctx.body = description;
  });
  app.use(router.routes());
  if (deps.pages) app.use(pages(deps.pages));
  return app;
}
