import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** What the server does with one request; `content` is the whole file. `cutAt` breaks the connection once the client has that many bytes. */
export type Behaviour = (
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  cutAt: (bytes: number) => void,
) => void;

/** Answers as a well-behaved origin does, with ranges. */
export const whole: Behaviour = (request, response, content) => {
  const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? -1);
  if (from < 0) response.writeHead(200, { "content-length": content.length }).end(content);
  else if (from >= content.length) response.writeHead(416).end();
  else {
    response
      .writeHead(206, { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` })
      .end(content.subarray(from));
  }
};

/** Sends `bytes` of what is asked for; when the client has them, the connection breaks. */
export const cutAfter =
  (bytes: number): Behaviour =>
  (request, response, content, cutAt) => {
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const rest = content.subarray(from);
    const head = { "content-length": rest.length, "content-range": `bytes ${from}-${content.length - 1}/${content.length}` };
    cutAt(from + bytes);
    response.writeHead(from > 0 ? 206 : 200, head).write(rest.subarray(0, bytes));
  };

/** Answers with a status and nothing else. */
export const status =
  (code: number): Behaviour =>
  (_request, response) => {
    response.writeHead(code).end();
  };

/** Sends the head and then nothing. */
export const silent: Behaviour = (_request, response, content) => {
  response.writeHead(200, { "content-length": content.length });
  response.flushHeaders();
};

export interface FileServer extends AsyncDisposable {
  url(path: string): string;
  /** The client says how many bytes it has. */
  received(bytes: number): void;
  /** `range` header of each request so far, or "" where there was none. */
  readonly requests: readonly string[];
}

/** An origin on loopback: request `n` meets `behaviours[n]`, later ones the last of them. */
export async function openFileServer(
  contents: Readonly<Record<string, Buffer>>,
  behaviours: readonly Behaviour[] = [whole],
): Promise<FileServer> {
  const requests: string[] = [];
  let cut: { readonly at: number; readonly response: ServerResponse } | undefined;
  const server = createServer((request, response) => {
    const content = contents[(request.url ?? "/").slice(1)];
    const behaviour = behaviours[Math.min(requests.length, behaviours.length - 1)] ?? whole;
    requests.push(request.headers.range ?? "");
    if (content === undefined) response.writeHead(404).end();
    else
      behaviour(request, response, content, (at) => {
        cut = { at, response };
      });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: (path) => `http://127.0.0.1:${port}/${path}`,
    requests,
    received(bytes) {
      if (cut === undefined || bytes < cut.at) return;
      cut.response.destroy();
      cut = undefined;
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
