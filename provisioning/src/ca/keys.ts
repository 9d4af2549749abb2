import { createPrivateKey, createPublicKey, type KeyObject, webcrypto } from "node:crypto";

/** Every key of ours is P-256: small certificates, quick handshakes, in every TPM. */
export const keyAlgorithm = { name: "ECDSA", namedCurve: "P-256" } as const;
export const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" } as const;

/** A private key and its public half for the certificate library, from PKCS #8 in PEM. */
export async function importKeys(pem: string): Promise<{ privateKey: webcrypto.CryptoKey; publicKey: webcrypto.CryptoKey }> {
  const key = createPrivateKey(pem);
  const part = (half: KeyObject, format: "pkcs8" | "spki", usage: "sign" | "verify") =>
    webcrypto.subtle.importKey(
      format,
      new Uint8Array(half.export({ type: format, format: "der" } as { type: "spki"; format: "der" })),
      keyAlgorithm,
      true,
      [usage],
    );
  const [privateKey, publicKey] = await Promise.all([part(key, "pkcs8", "sign"), part(createPublicKey(key), "spki", "verify")]);
  return { privateKey, publicKey };
}
