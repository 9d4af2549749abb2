export { accountHandlers, type LoginAccounts } from "./account-handlers.ts";
export { type WebDeps, webApp } from "./app.ts";
export { cookieOf, fromOwnPage } from "./bodies.ts";
export { type Answered, problemOf, WebError, type WebFault } from "./faults.ts";
export type { Pages } from "./pages.ts";
export { BytesAnswer, FileAnswer, type Handlers, type Route, type RouteRequest, type RouteTable } from "./routes.ts";
export { issuesOf } from "./schema-issues.ts";
export { openServer, type WebServer } from "./server.ts";
export {
  openSockets,
  type SocketClient,
  type SocketMethods,
  type SocketPath,
  type Sockets,
  type SocketsDeps,
} from "./sockets.ts";
