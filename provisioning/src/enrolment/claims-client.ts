import { Claim, FleetBox, headquartersApi, Problem } from "@sitebox/core/contract";
import { z } from "zod";

/** A problem that headquarters told. */
export class ClaimsError extends Error {
  override name = "ClaimsError";
  readonly fault: string;

  constructor({ fault, message }: Problem) {
    super(message);
    this.fault = fault;
  }
}

/** Boxes that wait at a headquarters, for a person who is logged in there. */
export interface ClaimsClient {
  waiting(): Promise<Claim[]>;
  /** Lets the box in that shows this code. @throws ClaimsError "not-found" */
  accept(code: string): Promise<FleetBox>;
}

/** Logs in at `url` (the console's address). @throws ClaimsError "wrong-password", "must-change-password" … */
export async function openClaims(url: string, login: { name: string; password: string }): Promise<ClaimsClient> {
  let cookie = "";
  async function ask<T>({ method, path }: { method: string; path: string }, answer: z.ZodType<T>, body?: unknown): Promise<T> {
    const response = await fetch(new URL(path, url), {
      method,
      headers: { cookie, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const told: unknown = await response.json();
    if (!response.ok) throw new ClaimsError(Problem.parse(told));
    cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
    return answer.parse(told);
  }
  const account = await ask(headquartersApi.login, headquartersApi.login.answer, login);
  if (account.mustChangePassword)
    throw new ClaimsError({
      fault: "must-change-password",
      message: "the password is a one-time password: log in at the console and set your own first",
    });
  return {
    waiting: () => ask(headquartersApi.listClaims, z.array(Claim)),
    accept: (code) => ask(headquartersApi.acceptClaim, FleetBox, { code }),
  };
}
