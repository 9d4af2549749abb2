import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SipConfig } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { SipCertificate } from "./sip-certificate.ts";

const DAY_MS = 86_400_000;

async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "sip-certificate-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const certificateIn = (dataDir: string, clock: VirtualClock, names: readonly string[] = ["192.0.2.1", "box.example"]) =>
  new SipCertificate({ clock, log: silentLog, dataDir, sip: SipConfig.parse({ tls: {} }), hostNames: () => names });

const read = async ({ config }: SipCertificate) => new X509Certificate(await readFile(config.tls?.certificateFile ?? ""));

test("the first start makes a certificate for every name of the box, with a key that only the box reads", async () => {
  await using data = await folder();
  const certificate = certificateIn(data.path, new VirtualClock());
  expect(await certificate.renew()).toBe(true);
  const made = await read(certificate);
  expect([made.checkIP("192.0.2.1"), made.checkHost("box.example")]).toEqual(["192.0.2.1", "box.example"]);
  expect(made.verify(new X509Certificate(await readFile(join(data.path, "sip-tls", "ca.crt"))).publicKey)).toBe(true);
  expect((await stat(certificate.config.tls?.keyFile ?? "")).mode & 0o777).toBe(0o600);
  expect(await certificate.renew()).toBe(false);
});

test("it is renewed before its end, from the same authority, and when the box has another address", async () => {
  await using data = await folder();
  const clock = new VirtualClock();
  const certificate = certificateIn(data.path, clock);
  await certificate.renew();
  const authority = await readFile(join(data.path, "sip-tls", "ca.crt"), "utf8");
  await clock.advance(366 * DAY_MS);
  expect(await certificate.renew()).toBe(false);
  await clock.advance(2 * DAY_MS);
  expect(await certificate.renew()).toBe(true);
  expect((await read(certificate)).validToDate.getTime()).toBeGreaterThan(clock.now() + 300 * DAY_MS);
  expect(await readFile(join(data.path, "sip-tls", "ca.crt"), "utf8")).toBe(authority);
  expect(await certificateIn(data.path, clock, ["192.0.2.2"]).renew()).toBe(true);
});

test("it is looked after once a day", async () => {
  await using data = await folder();
  const clock = new VirtualClock();
  const certificate = certificateIn(data.path, clock);
  const stop = new AbortController();
  const renewed = Promise.withResolvers<void>();
  const watching = certificate.watch(async () => renewed.resolve(), stop.signal);
  await clock.advance(DAY_MS);
  await renewed.promise;
  stop.abort();
  await watching;
});

test("with files of its own, or without TLS, nothing is made", async () => {
  await using data = await folder();
  for (const tls of [undefined, { certificateFile: "/etc/a.crt", keyFile: "/etc/a.key" }]) {
    const sip = SipConfig.parse({ ...(tls && { tls }) });
    const certificate = new SipCertificate({ clock: new VirtualClock(), log: silentLog, dataDir: data.path, sip });
    expect([await certificate.renew(), certificate.config]).toEqual([false, sip]);
  }
});
