export { type Ready, readLine, welcome } from "./ready.ts";
export { lastLines, runServer, type ServerOptions } from "./server.ts";
