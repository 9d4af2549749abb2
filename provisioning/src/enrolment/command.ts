import { parseArgs } from "node:util";
import { type ClaimsClient, ClaimsError, openClaims } from "./claims-client.ts";

export const usage = `claim [--url <console address>] [--name <account>] list | accept <code>
The password is read from standard input.
`;

export interface CommandIo {
  readonly password: () => Promise<string>;
  readonly say: (text: string) => void;
}

/** Accepts boxes from a terminal. Resolves with the exit status: 0 done, 1 refused, 2 called wrongly. */
export async function runClaim(args: readonly string[], { password, say }: CommandIo): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { url: { type: "string", default: "http://127.0.0.1:8090" }, name: { type: "string", default: "admin" } },
  });
  const [verb, code, ...more] = positionals;
  const act =
    verb === "list" && code === undefined
      ? list(say)
      : verb === "accept" && code !== undefined && more.length === 0
        ? accept(code, say)
        : undefined;
  if (!act) {
    say(usage);
    return 2;
  }
  try {
    await act(await openClaims(values.url, { name: values.name, password: await password() }));
    return 0;
  } catch (error) {
    if (!(error instanceof ClaimsError)) throw error;
    say(`${error.fault}: ${error.message}\n`);
    return 1;
  }
}

const list = (say: CommandIo["say"]) => async (claims: ClaimsClient) => {
  for (const { code, box, siteName, fingerprint } of await claims.waiting())
    say(`${code}  ${box}  ${siteName}  ${fingerprint}\n`);
};

const accept = (code: string, say: CommandIo["say"]) => async (claims: ClaimsClient) => {
  const { box, siteName } = await claims.accept(code);
  say(`${box}  ${siteName}\n`);
};
