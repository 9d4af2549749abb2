import { X509Certificate as NodeCertificate, randomBytes, type webcrypto } from "node:crypto";
import { chmod, readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "@sitebox/core/kernel";
import { importKeys, signingAlgorithm } from "./keys.ts";
import { writePrivate } from "./private-file.ts";
import { createIdentityKey, readSigningRequest } from "./signing-request.ts";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "./x509.ts";

const dayMs = 86_400_000;
const rootDays = 20 * 365;
/** Certificates are valid from a day before: a site's clock may be behind. */
const backdateMs = dayMs;

export interface IssuedCertificate {
  /** The leaf and then what is between it and the root, in PEM. */
  readonly certificate: string;
  /** Serial number in upper-case hex, as TLS states it. */
  readonly serial: string;
  readonly expiresAt: number;
}

export interface ServerIdentity extends IssuedCertificate {
  readonly key: string;
}

/** Headquarters' own certificate authority: signs boxes and its servers, nothing else. */
export interface CertificateAuthority {
  /** The root in PEM. */
  readonly certificate: string;
  /** SHA-256 of the root's DER, in hex: what boxes pin. */
  readonly fingerprint: string;
  /** Signs a box's key under `commonName`. Whatever name the request asks for is ignored. */
  issueBox(request: { csr: string; commonName: string; days: number }): Promise<IssuedCertificate>;
  /** A new key and certificate for a listener reached by these names and addresses. */
  issueServer(request: { hostNames: readonly string[]; days: number }): Promise<ServerIdentity>;
}

/** SHA-256 of a certificate's DER in lower-case hex. */
export const fingerprintOf = (certificatePem: string): string =>
  new NodeCertificate(certificatePem).fingerprint256.replaceAll(":", "").toLowerCase();

/** A positive serial number of 128 random bits (RFC 5280 4.1.2.2 allows 20 octets). */
const newSerial = () => `4${randomBytes(16).toString("hex").slice(1)}`;

const alternativeName = (name: string): JsonGeneralNames[number] =>
  isIP(name) ? { type: "ip", value: name } : { type: "dns", value: name };

/** Opens the authority kept in `folder` (`ca.key`, readable by its owner only, and `ca.crt`); creates it the first time. */
export async function openCertificateAuthority(
  folder: string,
  { clock, name }: { readonly clock: Clock; readonly name: string },
): Promise<CertificateAuthority> {
  const keyFile = join(folder, "ca.key");
  const certificateFile = join(folder, "ca.crt");
  const found = await Promise.all([readFile(keyFile, "utf8"), readFile(certificateFile, "utf8")]).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  const [keyPem, rootPem] = found ?? (await createRoot(keyFile, certificateFile, name, clock));
  const keys = await importKeys(keyPem);
  const root = new X509Certificate(rootPem);

  const issue = async (publicKey: PublicKey | webcrypto.CryptoKey, commonName: string, days: number, extensions: Extension[]) => {
    const expiresAt = Math.min(clock.now() + days * dayMs, root.notAfter.getTime());
    const leaf = await X509CertificateGenerator.create({
      serialNumber: newSerial(),
      subject: [{ CN: [commonName] }],
      issuer: root.subject,
      notBefore: new Date(Math.max(clock.now() - backdateMs, root.notBefore.getTime())),
      notAfter: new Date(expiresAt),
      publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        await AuthorityKeyIdentifierExtension.create(root),
        await SubjectKeyIdentifierExtension.create(publicKey),
        ...extensions,
      ],
    });
    return { certificate: `${leaf.toString("pem")}\n`, serial: leaf.serialNumber.toUpperCase(), expiresAt };
  };

  return {
    certificate: rootPem,
    fingerprint: fingerprintOf(rootPem),
    async issueBox({ csr, commonName, days }) {
      const { publicKey } = await readSigningRequest(csr);
      return await issue(publicKey, commonName, days, [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])]);
    },
    async issueServer({ hostNames, days }) {
      const key = await createIdentityKey();
      const { publicKey } = await importKeys(key);
      const issued = await issue(publicKey, hostNames[0] ?? name, days, [
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(hostNames.map(alternativeName)),
      ]);
      return { ...issued, key };
    },
  };
}

async function createRoot(keyFile: string, certificateFile: string, name: string, clock: Clock): Promise<[string, string]> {
  const keyPem = await createIdentityKey();
  const keys = await importKeys(keyPem);
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: [{ CN: [name] }],
    notBefore: new Date(clock.now() - backdateMs),
    notAfter: new Date(clock.now() + rootDays * dayMs),
    keys,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, 1, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const rootPem = `${root.toString("pem")}\n`;
  await writePrivate(keyFile, keyPem);
  await writePrivate(certificateFile, rootPem);
  await chmod(certificateFile, 0o644);
  return [keyPem, rootPem];
}
