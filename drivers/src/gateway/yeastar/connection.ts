import type { ByteStream } from "../../line/index.ts";
import { openTcpStream } from "../../streams/index.ts";
import { traced } from "../../transcript/index.ts";
import { type MakerDeps, ManagementError } from "../management.ts";
import { TgFramer, type TgMessage, withoutSecret } from "./messages.ts";

const COMMAND_MS = 10_000;

export interface ConnectionDeps extends Pick<MakerDeps, "clock" | "host" | "onTraffic" | "connect"> {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly onEvent: (event: TgMessage) => void;
}

interface Waiting {
  readonly resolve: (answer: TgMessage) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * One session with a Yeastar TG. Commands go one after the other: their answers bear no name, so a session with an answer that is missing is
 * of no more use and is closed.
 */
export class TgConnection implements AsyncDisposable {
  readonly #deps: ConnectionDeps;
  readonly #stream: ByteStream;
  readonly #over = new AbortController();
  #waiting: Waiting | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #reading: Promise<void> = Promise.resolve();

  private constructor(deps: ConnectionDeps, stream: ByteStream) {
    this.#deps = deps;
    this.#stream = stream;
  }

  /** Connects and logs in. Aborting closes the session, also later. Rejects with ManagementError, or the signal's reason. */
  static async open(deps: ConnectionDeps, signal: AbortSignal): Promise<TgConnection> {
    const { clock, host, port, onTraffic } = deps;
    const { connect = () => openTcpStream({ host, port }, { clock, signal }) } = deps;
    let stream: ByteStream;
    try {
      stream = await connect("tcp", signal);
    } catch (err) {
      signal.throwIfAborted();
      throw new ManagementError(err instanceof Error ? err.message : "no connection", { fault: "unreachable", cause: err });
    }
    const connection = new TgConnection(deps, traced(stream, "tcp", onTraffic, withoutSecret));
    connection.#reading = connection.#read();
    signal.addEventListener("abort", () => connection.#close(), { signal: connection.over });
    if (signal.aborted) connection.#close();
    try {
      await connection.#login();
      return connection;
    } catch (err) {
      await connection[Symbol.asyncDispose]();
      throw err;
    }
  }

  /** Aborts when the session is over, with the ManagementError that says why. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** What the gateway answers to a command. Rejects with ManagementError. `timeoutMs`: after this the session is closed. */
  async command(command: string, timeoutMs = COMMAND_MS): Promise<TgMessage> {
    const before = this.#last;
    const answer = before.then(() => this.#ask(`Action: smscommand\r\ncommand: ${command}\r\n\r\n`, timeoutMs));
    this.#last = answer.catch(() => {});
    return await answer;
  }

  /** Resolves when nothing more is told of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await this.#reading;
  }

  #close(): void {
    this.#end(new ManagementError("the session is closed", { fault: "unreachable" }));
  }

  async #login(): Promise<void> {
    const { user, password } = this.#deps;
    const { fields } = await this.#ask(`Action: Login\r\nUsername: ${user}\r\nSecret: ${password}\r\n\r\n`, COMMAND_MS);
    if (fields.get("response")?.toLowerCase() !== "success")
      throw new ManagementError(fields.get("message") ?? "it refuses the user name or the password", { fault: "login-refused" });
  }

  async #ask(message: string, timeoutMs: number): Promise<TgMessage> {
    const answer = Promise.withResolvers<TgMessage>();
    const silent = new ManagementError(`no answer for ${timeoutMs / 1_000} s`, { fault: "not-answering" });
    using _timer = this.#deps.clock.after(timeoutMs, () => this.#end(silent));
    this.#over.signal.throwIfAborted();
    this.#waiting = answer;
    this.#stream.write(Buffer.from(message)).catch((err: unknown) => this.#end(broken(err)));
    return await answer.promise;
  }

  async #read(): Promise<void> {
    const framer = new TgFramer();
    try {
      for await (const bytes of this.#stream.chunks) for (const message of framer.push(bytes)) this.#take(message);
      this.#end(new ManagementError("the gateway has closed the connection", { fault: "unreachable" }));
    } catch (err) {
      this.#end(broken(err));
    }
  }

  #take(message: TgMessage): void {
    if (message.fields.has("event")) this.#deps.onEvent(message);
    else {
      this.#waiting?.resolve(message);
      this.#waiting = undefined;
    }
  }

  #end(reason: ManagementError): void {
    this.#over.abort(reason);
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
    void this.#stream[Symbol.asyncDispose]();
  }
}

function broken(err: unknown): ManagementError {
  if (err instanceof ManagementError) return err;
  const why = err instanceof Error ? err.message : "the connection is broken";
  return new ManagementError(why, { fault: "unreachable", cause: err });
}
