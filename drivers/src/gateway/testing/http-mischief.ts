import type { ServerResponse } from "node:http";

/** Ways in which a device answers wrongly. */
export type HttpMischief =
  | "silent"
  | "cut"
  | "error-500"
  | "forbidden"
  | "not-found"
  | "malformed"
  | "wrong-shape"
  | "endless"
  | "hang-up";

/** Answers as it should not. */
export function misanswer(response: ServerResponse, mischief: Exclude<HttpMischief, "wrong-shape">): void {
  switch (mischief) {
    case "silent":
      return;
    case "hang-up":
      response.socket?.destroy();
      return;
    case "cut":
      response.writeHead(200, { "content-length": "1000" });
      response.write('{"error_code":200,"info":[{"po', () => response.socket?.destroy());
      return;
    case "error-500":
      response.writeHead(500).end("<html>Internal Error</html>");
      return;
    case "forbidden":
      response.writeHead(403).end();
      return;
    case "not-found":
      response.writeHead(404).end();
      return;
    case "malformed":
      response.writeHead(200).end('{"error_code":200,"info":[');
      return;
    case "endless": {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 0x20)));
      };
      response.on("drain", more);
      more();
    }
  }
}
