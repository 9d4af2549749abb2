import { lookup, Resolver } from "node:dns/promises";

/** One way to a service (RFC 2782). */
export interface ServiceRecord {
  readonly priority: number;
  readonly weight: number;
  readonly host: string;
  readonly port: number;
}

/** The domain name system as SIP needs it. */
export interface Names extends Disposable {
  /** The SRV records of a name; none where it has none. @throws DeadNamesError */
  services(name: string): Promise<readonly ServiceRecord[]>;
  /** The addresses of a name in one family; none where it has none. @throws DeadNamesError */
  addresses(name: string, family: 4 | 6): Promise<readonly string[]>;
}

/** Nobody who knows the name could be asked: not the same as that it does not exist. */
export class DeadNamesError extends Error {
  override name = "DeadNamesError";
}

/** A question is put twice, so a dead server costs a call about three seconds once. */
const QUESTION = { timeout: 1_000, tries: 2 };
const ABSENT = new Set(["ENOTFOUND", "ENODATA", "NOTFOUND", "NODATA"]);

/** Asks these servers ("address" or "address:port"), or the system's. */
export function openNames(servers?: readonly string[]): Names {
  const resolver = new Resolver(QUESTION);
  if (servers) resolver.setServers(servers);
  const ask = async <T>(name: string, question: () => Promise<readonly T[]>): Promise<readonly T[]> => {
    try {
      return await question();
    } catch (cause) {
      const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
      if (ABSENT.has(code)) return [];
      throw new DeadNamesError(`the name ${name} could not be looked up: ${code}`, { cause });
    }
  };
  return {
    services: async (name) =>
      (await ask(name, () => resolver.resolveSrv(name))).map((record) => ({
        priority: record.priority,
        weight: record.weight,
        host: record.name,
        port: record.port,
      })),
    async addresses(name, family) {
      // The machine's own table of hosts is the system's business. It is not asked for every name: a dead server would hold its threads.
      const local = servers === undefined && (!name.includes(".") || /\.(?:local|localhost)$/i.test(name));
      if (local) return ask(name, async () => (await lookup(name, { family, all: true })).map(({ address }) => address));
      return ask(name, () => (family === 4 ? resolver.resolve4(name) : resolver.resolve6(name)));
    },
    [Symbol.dispose]: () => resolver.cancel(),
  };
}
