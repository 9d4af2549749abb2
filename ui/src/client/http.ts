import { Problem } from "@sitebox/core/contract";
import type { Answer, Api, Ask, Route } from "./client.ts";
import { ClientError } from "./client-error.ts";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

interface Parts {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** "/api/tickets/:id" with its names filled in and the query behind it. */
export function addressOf(path: string, { params = {}, query = {} }: Parts): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ""));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  return search.size > 0 ? `${filled}?${search}` : filled;
}

/**
 * Asks one route and checks the answer with the contract's schema.
 * @throws {ClientError} the server's own fault; `offline` when it was not reached; `unintelligible` when the answer is not of the contract
 */
export async function askRoute<A extends Api, Name extends keyof A>(
  deps: { readonly fetch: Fetch; readonly base: string },
  route: A[Name] & Route,
  ask: Ask<A[Name]>,
): Promise<Answer<A[Name]>> {
  const parts = ask as Parts;
  const init: RequestInit = { method: route.method, credentials: "same-origin" };
  if (parts.body !== undefined) {
    init.headers = { "content-type": "application/json" };
    init.body = JSON.stringify(parts.body);
  }
  const response = await deps.fetch(deps.base + addressOf(route.path, parts), init).catch((cause: unknown) => {
    throw new ClientError("offline", "the server was not reached", { cause });
  });
  const answer = await response.json().catch(() => undefined);
  if (!response.ok) throw problemOf(response.status, answer);
  const parsed = route.answer.safeParse(answer);
  if (!parsed.success) throw new ClientError("unintelligible", "the answer is not of the contract", { cause: parsed.error });
  return parsed.data as Answer<A[Name]>;
}

/** A gateway that answers for a dead server is as good as no answer; a server that says what is wrong is heard. */
function problemOf(status: number, answer: unknown): ClientError {
  const problem = Problem.safeParse(answer);
  if (problem.success) return ClientError.of(problem.data, status);
  const isGateway = status === 502 || status === 503 || status === 504;
  return new ClientError(isGateway ? "offline" : "unexpected", `the server answered ${status}`, { status });
}
