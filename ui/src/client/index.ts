export type { Answer, Api, Ask, BoxClient, Client, ClientEvent, HeadquartersClient, Link, Route } from "./client.ts";
export { ClientError, codeOf, endsSession, faultOf, isPassing, type Refused, refusedOf } from "./client-error.ts";
export { addressOf, askRoute, type Fetch } from "./http.ts";
export { LiveClient, type LiveDeps, type LiveOptions, retryAfterMs } from "./live.ts";
export { Socket, type SocketLike } from "./socket.ts";
