import type { Account } from "../contract/index.ts";
import { WebError } from "./faults.ts";
import type { RouteRequest } from "./routes.ts";

/** The part of accounts/ that logging in needs. */
export interface LoginAccounts {
  login(login: {
    name: string;
    password: string;
    address: string;
  }): Promise<{ account: Account; token: string; lastsMs: number }>;
  logout(token: string): Promise<void>;
  changePassword(
    account: Account,
    change: { current: string; next: string },
    options: { keep: string; address: string },
  ): Promise<Account>;
}

type Asked<Body> = Pick<RouteRequest, "address" | "token" | "startSession" | "endSession"> & {
  readonly account: Account | undefined;
  readonly body: Body;
};

/** The handlers of login, logout, me and changePassword, which every server has alike. */
export function accountHandlers(accounts: LoginAccounts) {
  return {
    login: async ({ body, address, startSession }: Asked<{ name: string; password: string }>) => {
      const { account, token, lastsMs } = await accounts.login({ ...body, address });
      startSession(token, lastsMs);
      return account;
    },
    logout: async ({ token, endSession }: Asked<undefined>) => {
      if (token !== undefined) await accounts.logout(token);
      endSession();
      return {};
    },
    me: async ({ account }: Asked<undefined>) => present(account),
    changePassword: async ({ account, body, token, address }: Asked<{ current: string; next: string }>) =>
      accounts.changePassword(present(account), body, { keep: token ?? "", address }),
  };
}

function present(account: Account | undefined): Account {
  if (!account) throw new WebError("login-needed");
  return account;
}
