import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface WebServer extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  /** Reaches it from this machine. */
  readonly url: string;
}

/** Listens; port 0 takes a free one. @throws Error that says what to do where the port is taken or not allowed */
export async function openServer(listener: RequestListener, { host, port }: { host: string; port: number }): Promise<WebServer> {
  const server = createServer(listener);
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    throw new Error(`cannot listen on ${host}:${port}: stop the other program there or choose another http.port`, { cause });
  }
  const { port: bound } = server.address() as AddressInfo;
  const name = ["0.0.0.0", "::", ""].includes(host) ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return {
    server,
    port: bound,
    url: `http://${name}:${bound}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
