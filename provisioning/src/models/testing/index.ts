export { type Behaviour, cutAfter, type FileServer, openFileServer, silent, status, whole } from "./file-server.ts";
