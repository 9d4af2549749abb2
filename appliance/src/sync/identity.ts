import { createPrivateKey, type KeyObject, randomInt, X509Certificate } from "node:crypto";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { ClaimCode } from "@sitebox/core/contract";
import type { Log } from "@sitebox/core/kernel";
import { createIdentityKey, createSigningRequest, keyFingerprintOf, writePrivate } from "@sitebox/provisioning";
import { z } from "zod";

/** What headquarters gave the box when it was accepted. */
export const Enrolment = z.object({
  box: z.string(),
  tenant: z.string(),
  certificate: z.string(),
  caCertificate: z.string(),
  mqttUrl: z.string(),
});
export type Enrolment = z.infer<typeof Enrolment>;

/** Who this box is. The key is born here and never leaves. */
export interface Identity {
  readonly keyPem: string;
  readonly privateKey: KeyObject;
  /** SHA-256 of the public key: what headquarters shows beside the claim code. */
  readonly keyFingerprint: string;
  /** Read from the box's screen, entered at headquarters. */
  readonly claimCode: string;
  readonly enrolment: Enrolment | undefined;
}

/** No 0, 1, I, O: they are taken for each other when read aloud or copied by hand. */
const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
export const newClaimCode = (): string =>
  ClaimCode.parse(Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]).join(""));

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/**
 * The box's identity in a folder: `box.key`, `claim-code` and, once accepted, `enrolment.json`; readable by their owner only.
 * A file that is damaged is put aside and made anew: the box has to be claimed again then, but it starts and answers calls.
 */
export class IdentityStore {
  readonly #dir: string;
  readonly #log: Log;

  constructor(dir: string, log: Log) {
    this.#dir = dir;
    this.#log = log;
  }

  async open(): Promise<Identity> {
    const keyPem =
      (await this.#read("box.key", (text) => text, createPrivateKey)) ??
      (await this.#write("box.key", await createIdentityKey()));
    const claimCode =
      (await this.#read("claim-code", (text) => ClaimCode.parse(text))) ?? (await this.#write("claim-code", newClaimCode()));
    const enrolment = await this.#read("enrolment.json", (text) => Enrolment.parse(JSON.parse(text)));
    return { keyPem, privateKey: createPrivateKey(keyPem), keyFingerprint: keyFingerprintOf(keyPem), claimCode, enrolment };
  }

  async save(identity: Identity, enrolment: Enrolment): Promise<Identity> {
    await this.#write("enrolment.json", JSON.stringify(enrolment, undefined, 2));
    return { ...identity, enrolment };
  }

  async #read<T>(
    name: string,
    parse: (text: string) => T,
    check: (value: T) => unknown = () => undefined,
  ): Promise<T | undefined> {
    const file = join(this.#dir, name);
    const text = await readIfThere(file);
    if (text === undefined) return undefined;
    try {
      const value = parse(text);
      check(value);
      return value;
    } catch (err) {
      this.#log.error("a file of the box's identity is damaged and is put aside", { file, err });
      await rename(file, `${file}.damaged`);
      return undefined;
    }
  }

  async #write(name: string, content: string): Promise<string> {
    await writePrivate(join(this.#dir, name), content);
    return content;
  }
}

/** A request for a certificate on the box's key. */
export const requestFor = (identity: Identity, box: string): Promise<string> => createSigningRequest(identity.keyPem, box);

export interface Validity {
  readonly fromAt: number;
  readonly expiresAt: number;
}
export function validityOf(certificatePem: string): Validity {
  const { validFrom, validTo } = new X509Certificate(certificatePem);
  return { fromAt: Date.parse(validFrom), expiresAt: Date.parse(validTo) };
}

/** From half of its life on a certificate is renewed: months are left for a headquarters that is away. */
export const renewalDue = ({ fromAt, expiresAt }: Validity, now: number): boolean => now >= (fromAt + expiresAt) / 2;
