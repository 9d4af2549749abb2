// The library finds its parts through decorators' metadata; the polyfill has to be there before it.
import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BasicConstraintsExtension,
  type Extension,
  type JsonGeneralNames,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;

/** What a certificate says; PEM texts. */
export interface TestIdentity {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateWishes {
  readonly commonName?: string;
  /** The alternative names; none leaves the extension out. */
  readonly names?: JsonGeneralNames;
  /** Ended yesterday. */
  readonly expired?: boolean;
}

/** An authority of a test, with certificates for whatever is wished. */
export interface TestAuthority {
  readonly certificate: string;
  issue(wishes: CertificateWishes): Promise<TestIdentity>;
}

async function newKeys(): Promise<{ keys: webcrypto.CryptoKeyPair; pem: string }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const raw = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { keys, pem: `${PemConverter.encode(raw, "PRIVATE KEY")}\n` };
}

const pemOf = (certificate: X509Certificate): string => `${certificate.toString("pem")}\n`;
const serial = () => `4${randomBytes(8).toString("hex")}`;

export async function testAuthority(name = "Test authority"): Promise<TestAuthority> {
  const { keys } = await newKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: [{ CN: [name] }],
    notBefore: new Date(Date.now() - 10 * DAY_MS),
    notAfter: new Date(Date.now() + 10 * DAY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, 1, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  });
  return {
    certificate: pemOf(root),
    async issue({ commonName = "leaf", names, expired = false }) {
      const { keys: own, pem } = await newKeys();
      const extensions: Extension[] = [new BasicConstraintsExtension(false, undefined, true)];
      if (names) extensions.push(new SubjectAlternativeNameExtension(names));
      const leaf = await X509CertificateGenerator.create({
        serialNumber: serial(),
        subject: [{ CN: [commonName] }],
        issuer: root.subject,
        notBefore: new Date(Date.now() - 5 * DAY_MS),
        notAfter: new Date(Date.now() + (expired ? -1 : 5) * DAY_MS),
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions,
      });
      return { certificate: pemOf(leaf), key: pem };
    },
  };
}

/** The files of a certificate, as configurations name them; gone when disposed. */
export interface CertificateFiles extends AsyncDisposable {
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly caFile: string;
}

export async function certificateFiles({ certificate, key }: TestIdentity, authority: TestAuthority): Promise<CertificateFiles> {
  const dir = await mkdtemp(join(tmpdir(), "sip-tls-"));
  const files = { certificateFile: join(dir, "box.crt"), keyFile: join(dir, "box.key"), caFile: join(dir, "ca.crt") };
  await Promise.all([
    writeFile(files.certificateFile, certificate),
    writeFile(files.keyFile, key, { mode: 0o600 }),
    writeFile(files.caFile, authority.certificate),
  ]);
  return { ...files, [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) };
}
