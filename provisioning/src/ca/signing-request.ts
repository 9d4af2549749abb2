import { createHash, createPublicKey, generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import { importKeys, signingAlgorithm } from "./keys.ts";
import { Pkcs10CertificateRequest, Pkcs10CertificateRequestGenerator, type PublicKey } from "./x509.ts";

const generate = promisify(generateKeyPair);

/** A new P-256 private key, PKCS #8 in PEM. It is born where it is used and never travels. */
export async function createIdentityKey(): Promise<string> {
  const { privateKey } = await generate("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** A PKCS #10 request (RFC 2986) in PEM, signed by the key it asks for. The name is a wish; the authority decides. */
export async function createSigningRequest(keyPem: string, commonName: string): Promise<string> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [commonName] }],
    keys: await importKeys(keyPem),
    signingAlgorithm,
  });
  return request.toString("pem");
}

/** SHA-256 of a public key's SPKI, in hex: what a person compares on two screens. Takes a private or public key in PEM. */
export function keyFingerprintOf(keyPem: string): string {
  const spki = createPublicKey(keyPem).export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex");
}

/**
 * The public key in a signing request and its fingerprint.
 * Throws when it is not a request, not P-256, or not signed by its own key (then nobody has shown to own that key).
 */
export async function readSigningRequest(pem: string): Promise<{ publicKey: PublicKey; keyFingerprint: string }> {
  const request = new Pkcs10CertificateRequest(pem);
  const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: "der", type: "spki" });
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new Error("the signing request is not for a P-256 key");
  if (!(await request.verify())) throw new Error("the signing request is not signed by its own key");
  return {
    publicKey: request.publicKey,
    keyFingerprint: createHash("sha256").update(Buffer.from(request.publicKey.rawData)).digest("hex"),
  };
}
