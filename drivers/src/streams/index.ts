export { type OpenStreamOptions, openTcpStream, openUnixStream } from "./socket-stream.ts";
