import type { Account, Role } from "@sitebox/core/contract";
import { Account as AccountSchema } from "@sitebox/core/contract";
import { type Ref, shallowRef } from "vue";
import { type BoxClient, faultOf, type HeadquartersClient, type Link, type Refused, refusedOf } from "../client/index.ts";

export type SessionState =
  | { readonly at: "checking" }
  | { readonly at: "unreachable" }
  | { readonly at: "login"; readonly refused?: Refused }
  | { readonly at: "change-password"; readonly account: Account; readonly refused?: Refused }
  /** Logged in, but this page is another role's. */
  | { readonly at: "elsewhere"; readonly account: Account }
  | { readonly at: "in"; readonly account: Account };

export interface SessionOptions {
  readonly roles: readonly Role[];
  /** Where the account is remembered, for pages that start without the server. */
  readonly remember?: Pick<Storage, "getItem" | "setItem" | "removeItem">;
}

export interface Session {
  readonly state: Readonly<Ref<SessionState>>;
  readonly link: Readonly<Ref<Link>>;
  /** Asks who is logged in. */
  check(): Promise<void>;
  login(name: string, password: string): Promise<void>;
  changePassword(current: string, next: string): Promise<void>;
  logout(): Promise<void>;
}

const REMEMBERED = "sitebox.account";

/** Who is at this page. Never rejects: what went wrong is in the state. */
export function openSession(server: BoxClient | HeadquartersClient, { roles, remember }: SessionOptions): Session {
  // Both servers have the same door: what is called here is the same in both tables.
  const client = server as BoxClient;
  const state = shallowRef<SessionState>({ at: "checking" });
  const link = shallowRef<Link>(client.link);

  const enter = (account: Account) => {
    remember?.setItem(REMEMBERED, JSON.stringify(account));
    if (account.mustChangePassword) state.value = { at: "change-password", account };
    else if (!roles.includes(account.role)) state.value = { at: "elsewhere", account };
    else {
      state.value = { at: "in", account };
      client.open();
    }
  };
  const leave = (refused?: Refused) => {
    remember?.removeItem(REMEMBERED);
    state.value = refused === undefined ? { at: "login" } : { at: "login", refused };
  };

  client.subscribe((event) => {
    if (event.type === "link") link.value = event.link;
    if (event.type === "signed-out") leave();
  });

  return {
    state,
    link,
    async check() {
      state.value = { at: "checking" };
      try {
        enter(await client.call("me", {}));
      } catch (error) {
        if (faultOf(error) !== "offline") return leave();
        const account = remembered(remember);
        if (account) enter(account);
        else state.value = { at: "unreachable" };
      }
    },
    async login(name, password) {
      try {
        enter(await client.call("login", { body: { name, password } }));
      } catch (error) {
        leave(refusedOf(error));
      }
    },
    async changePassword(current, next) {
      const before = state.value;
      if (before.at !== "change-password") return;
      try {
        enter(await client.call("changePassword", { body: { current, next } }));
      } catch (error) {
        state.value = { ...before, refused: refusedOf(error) };
      }
    },
    async logout() {
      client.close();
      // Leaving works without the server: its session runs out by itself.
      await client.call("logout", {}).catch(() => undefined);
      leave();
    },
  };
}

function remembered(remember: SessionOptions["remember"]): Account | undefined {
  const text = remember?.getItem(REMEMBERED);
  if (!text) return undefined;
  try {
    return AccountSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
