export { Live } from "./live.ts";
export { type Http, type HttpDeps, openHttp } from "./open-http.ts";
