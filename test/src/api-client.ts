import { setTimeout as wait } from "node:timers/promises";

/** How often a page of the API is looked at again, and how long at most. */
const POLL_MS = 100;
const PATIENCE_MS = 60_000;

export class ApiError extends Error {
  override name = "ApiError";
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A person at the API of a box or of headquarters: keeps the session's cookie. */
export class ApiClient {
  readonly url: string;
  #cookie = "";

  constructor(url: string) {
    this.url = url.replace(/\/$/, "");
  }

  get(path: string): Promise<unknown> {
    return this.#ask("GET", path);
  }

  post(path: string, body: unknown): Promise<unknown> {
    return this.#ask("POST", path, body);
  }

  put(path: string, body: unknown): Promise<unknown> {
    return this.#ask("PUT", path, body);
  }

  async bytes(path: string): Promise<Buffer> {
    const response = await fetch(this.url + path, { headers: { cookie: this.#cookie } });
    if (!response.ok) throw new ApiError(response.status, await response.text());
    return Buffer.from(await response.arrayBuffer());
  }

  /** Asks again until the answer satisfies. */
  async until<T>(path: string, satisfied: (answer: T) => boolean): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS;
    let last: unknown;
    while (performance.now() < deadline) {
      last = await this.get(path).catch((error: unknown) =>
        error instanceof ApiError && error.status === 404 ? undefined : Promise.reject(error),
      );
      if (last !== undefined && satisfied(last as T)) return last as T;
      await wait(POLL_MS);
    }
    throw new Error(`${path} did not become what was waited for; last: ${JSON.stringify(last)}`);
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method,
      headers: { cookie: this.#cookie, origin: this.url, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const cookie = response.headers.get("set-cookie");
    if (cookie) this.#cookie = cookie.split(";")[0] ?? "";
    if (!response.ok) throw new ApiError(response.status, `${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}
