import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import {
  createIdentityKey,
  createSigningRequest,
  fingerprintOf,
  keyFingerprintOf,
  openCertificateAuthority,
  readSigningRequest,
} from "./index.ts";

const folder = () => mkdtemp(join(tmpdir(), "sitebox-ca-"));
const open = async (where?: string) =>
  openCertificateAuthority(where ?? (await folder()), { clock: systemClock, name: "Test headquarters" });

test("the authority is created once, its key readable by its owner only", async () => {
  const where = await folder();
  const first = await open(where);
  const again = await open(where);
  expect(again.fingerprint).toBe(first.fingerprint);
  expect(first.fingerprint).toBe(fingerprintOf(await readFile(join(where, "ca.crt"), "utf8")));
  expect((await stat(join(where, "ca.key"))).mode & 0o777).toBe(0o600);
});

test("a box's certificate carries the name that headquarters decided, not the one asked for", async () => {
  const authority = await open();
  const key = await createIdentityKey();
  const csr = await createSigningRequest(key, "somebody/else");
  const issued = await authority.issueBox({ csr, commonName: "demo/box-1", days: 120 });
  const leaf = new X509Certificate(issued.certificate);
  expect(leaf.subject).toBe("CN=demo/box-1");
  expect(leaf.serialNumber).toBe(issued.serial);
  expect(leaf.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
  expect(leaf.checkIssued(new X509Certificate(authority.certificate))).toBe(true);
  expect(leaf.ca).toBe(false);
  expect(Math.abs(Date.parse(leaf.validTo) - issued.expiresAt)).toBeLessThan(1_000);
  expect((await readSigningRequest(csr)).keyFingerprint).toBe(keyFingerprintOf(key));
});

test("a server's certificate names its hosts and addresses", async () => {
  const authority = await open();
  const { certificate } = await authority.issueServer({ hostNames: ["hq.example", "127.0.0.1"], days: 30 });
  const leaf = new X509Certificate(certificate);
  expect(leaf.checkHost("hq.example")).toBe("hq.example");
  expect(leaf.checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(leaf.checkHost("other.example")).toBeUndefined();
});

test("a signing request that was tampered with is refused", async () => {
  const authority = await open();
  const csr = await createSigningRequest(await createIdentityKey(), "demo/box-1");
  const der = Buffer.from(csr.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
  der.writeUInt8(der.readUInt8(der.length - 3) ^ 1, der.length - 3);
  const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----`;
  await expect(authority.issueBox({ csr: forged, commonName: "demo/box-1", days: 1 })).rejects.toThrow();
  await expect(authority.issueBox({ csr: "nonsense", commonName: "demo/box-1", days: 1 })).rejects.toThrow();
});
