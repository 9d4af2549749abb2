import { randomBytes, randomInt, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** Work of one hash: `2^log2N · r · 128` bytes of memory, `p` times over. */
export interface ScryptCost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}
/** 32 MiB three times: OWASP's minimum for scrypt that a small box still does in a quarter of a second. */
export const defaultCost: ScryptCost = { log2N: 15, r: 8, p: 3 };

const HASH_BYTES = 32;

/**
 * Hashes and checks passwords by scrypt (RFC 7914), one at a time: the work runs on the thread pool that the database needs too,
 * and a burst of logins must not stop tickets from being written.
 */
export class Passwords {
  readonly #cost: ScryptCost;
  #last: Promise<unknown> = Promise.resolve();

  constructor(cost: ScryptCost = defaultCost) {
    this.#cost = cost;
  }

  /** `scrypt$log2N$r$p$salt$hash`: says how it was made, so that the cost can grow later. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(16);
    const hash = await this.#derive(password, salt, this.#cost);
    const { log2N, r, p } = this.#cost;
    return ["scrypt", log2N, r, p, salt.toString("base64url"), hash.toString("base64url")].join("$");
  }

  /** Takes as long for a name that does not exist (`stored` undefined) as for a wrong password. */
  async matches(password: string, stored: string | undefined): Promise<boolean> {
    const [kind, log2N, r, p, salt, hash] = stored?.split("$") ?? [];
    if (kind !== "scrypt" || !salt || !hash) {
      await this.#derive(password, randomBytes(16), this.#cost);
      return false;
    }
    const cost = { log2N: Number(log2N), r: Number(r), p: Number(p) };
    return timingSafeEqual(await this.#derive(password, Buffer.from(salt, "base64url"), cost), Buffer.from(hash, "base64url"));
  }

  #derive(password: string, salt: Buffer, { log2N, r, p }: ScryptCost): Promise<Buffer> {
    const N = 2 ** log2N;
    const run = () => derive(password.normalize("NFKC"), salt, HASH_BYTES, { N, r, p, maxmem: 256 * N * r });
    const result = this.#last.then(run, run);
    this.#last = result;
    return result;
  }
}

/** Easy to read aloud and to type on a telephone: no l, o, 0, 1 and one case only. */
const letters = "abcdefghjkmnpqrstuvwxyz23456789";

/** Twelve random characters (59 bits) as `xxxx-xxxx-xxxx`. */
export function oneTimePassword(): string {
  const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join("");
  return `${group()}-${group()}-${group()}`;
}
