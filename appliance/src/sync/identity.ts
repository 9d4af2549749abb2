import { randomInt, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ClaimCode } from "@sitebox/core/contract";
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

/** The box's identity in a folder: `box.key`, `claim-code` and, once accepted, `enrolment.json`; readable by their owner only. */
export class IdentityStore {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  async open(): Promise<Identity> {
    const keyPem = await this.#keep("box.key", createIdentityKey);
    const claimCode = await this.#keep("claim-code", async () => newClaimCode());
    const text = await readIfThere(join(this.#dir, "enrolment.json"));
    const enrolment = text === undefined ? undefined : Enrolment.parse(JSON.parse(text));
    return { keyPem, keyFingerprint: keyFingerprintOf(keyPem), claimCode, enrolment };
  }

  async save(identity: Identity, enrolment: Enrolment): Promise<Identity> {
    await writePrivate(join(this.#dir, "enrolment.json"), JSON.stringify(enrolment, undefined, 2));
    return { ...identity, enrolment };
  }

  async #keep(name: string, create: () => Promise<string>): Promise<string> {
    const file = join(this.#dir, name);
    const found = await readIfThere(file);
    if (found !== undefined) return found;
    const made = await create();
    await writePrivate(file, made);
    return made;
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
