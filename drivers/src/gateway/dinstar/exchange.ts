import { once } from "node:events";
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { type ConnectRecording, ManagementError } from "../management.ts";
import { formatRequest, type HttpAnswer, type HttpRequest, parseAnswer } from "./http-message.ts";

/** No answer of a gateway is longer than some 8 KB; one that does not end is not read to its end. */
const MAX_ANSWER_BYTES = 1_000_000;

/** Asks one question over a connection of its own, which has this name in traffic. Rejects with any error. */
export type Exchange = (request: HttpRequest, connection: string, signal: AbortSignal) => Promise<HttpAnswer>;

/** Asks over the network. */
export const httpExchange =
  ({ host, port, tls }: { readonly host: string; readonly port: number; readonly tls: boolean }): Exchange =>
  async ({ method, path, headers, body }, _connection, signal) => {
    const options = { host, port, method, path, headers, agent: false, signal };
    // Their certificates are of their own making and name nobody: this keeps out who listens, not who stands in between.
    const asking = tls ? tlsRequest({ ...options, rejectUnauthorized: false }) : plainRequest(options);
    asking.on("error", () => {});
    asking.end(body.length > 0 ? body : undefined);
    const [response]: IncomingMessage[] = await once(asking, "response");
    if (!response) throw new Error("no response");
    const whole = await bodyOf(response);
    const { statusCode: status = 0, statusMessage: reason = "", httpVersion: version, headersDistinct } = response;
    const lines = Object.entries(headersDistinct).flatMap(([name, values]) =>
      (values ?? []).map((value) => [name, value] as const),
    );
    return { status, reason, version, headers: lines, body: whole };
  };

/** Asks a recording, of which each piece is a whole message. */
export const recordedExchange =
  (connect: ConnectRecording): Exchange =>
  async (request, connection, signal) => {
    await using stream = await connect(connection, signal);
    const stop = () => void stream[Symbol.asyncDispose]();
    signal.addEventListener("abort", stop);
    try {
      await stream.write(formatRequest(request));
      for await (const bytes of stream.chunks) return parseAnswer(bytes);
      throw new Error("it has not answered");
    } finally {
      signal.removeEventListener("abort", stop);
    }
  };

async function bodyOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) continue;
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) throw new ManagementError("its answer is too long", { fault: "failed" });
      chunks.push(chunk);
    }
  } catch (err) {
    throw err instanceof ManagementError ? err : new ManagementError("its answer was cut off", { fault: "failed", cause: err });
  }
  return Buffer.concat(chunks);
}
