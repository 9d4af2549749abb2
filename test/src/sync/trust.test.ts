import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { eventually, newFolder, openProxy, startBox, startHeadquarters, Told } from "./rig.ts";

const dayMs = 86_400_000;
const skewed = (days: number) => ({ ...systemClock, now: () => Date.now() + days * dayMs });

test("a box that pins another authority tells nobody anything and says why", async () => {
  await using hq = await startHeadquarters();
  await using box = await startBox({ enrolUrl: hq.enrolUrl, caFingerprint: "0".repeat(64) });
  await box.untilFault("wrong-authority");
  expect(box.uplink.state()).toMatchObject({ state: "unclaimed" });
  expect(box.uplink.state().reason).toMatch(/is not the pinned one \(it is [0-9a-f]{64}\)/);
  expect(await hq.fleet.boxes()).toEqual([]);
});

test("without a pin only a headquarters on this machine is believed", async () => {
  await using box = await startBox({ enrolUrl: "https://headquarters.example:8444" });
  await box.untilFault("no-fingerprint");
  expect(box.uplink.state().state).toBe("unclaimed");
});

test("an accepted box does not follow to another headquarters, not even when its address leads there", async () => {
  const boxDir = await newFolder();
  await using home = await startHeadquarters();
  {
    await using box = await startBox({ dataDir: boxDir, enrolUrl: home.enrolUrl });
    await box.until("online");
  }
  await using other = await startHeadquarters();
  await using box = await startBox({ dataDir: boxDir, enrolUrl: home.enrolUrl, mqttUrl: `mqtts://127.0.0.1:${other.mqttPort}` });
  await box.untilFault("wrong-authority");
  expect(box.uplink.state().state).toBe("offline");
});

test("a box waits with its claim code until a person accepts it, and keeps its key", async () => {
  const boxDir = await newFolder();
  await using hq = await startHeadquarters({ config: { autoAcceptLoopbackClaims: false } });
  const asked = once(hq.events, "claimAsked");
  await using box = await startBox({ dataDir: boxDir, enrolUrl: hq.enrolUrl, caFingerprint: hq.caFingerprint });
  await asked;
  const { claimCode } = box.uplink.state();
  expect(claimCode).toMatch(/^[A-HJ-NP-Z2-9]{8}$/);
  expect(await hq.claims.waiting()).toMatchObject([{ code: claimCode, box: "box-1", siteName: "示范酒店" }]);
  await expect(hq.claims.accept("AAAAAAAA", "admin")).rejects.toMatchObject({ fault: "not-found" });
  await hq.claims.accept(claimCode ?? "", "admin");
  await box.until("online");
  expect(box.uplink.state().claimCode).toBeUndefined();
  const { certificate } = JSON.parse(await readFile(join(boxDir, "identity/enrolment.json"), "utf8")) as { certificate: string };
  expect(new X509Certificate(certificate).subject).toBe("CN=demo/box-1");
});

test("a code known beforehand needs nobody", async () => {
  const boxDir = await newFolder();
  const code = await (async () => {
    await using box = await startBox({ dataDir: boxDir, enrolUrl: "https://127.0.0.1:1" });
    return box.uplink.state().claimCode ?? "";
  })();
  await using hq = await startHeadquarters({ config: { autoAcceptLoopbackClaims: false, acceptClaimCodes: [code] } });
  await using box = await startBox({ dataDir: boxDir, enrolUrl: hq.enrolUrl });
  await box.until("online");
});

test("a certificate is renewed from half of its life on, with the same key", async () => {
  const boxDir = await newFolder();
  await using hq = await startHeadquarters();
  {
    await using box = await startBox({ dataDir: boxDir, enrolUrl: hq.enrolUrl });
    await box.until("online");
  }
  const before = (await hq.fleet.box("box-1"))?.certificateExpiresAt ?? 0;
  const log = new Told();
  await using box = await startBox({ dataDir: boxDir, enrolUrl: hq.enrolUrl, clock: skewed(70), log });
  await log.until("the certificate is renewed");
  await box.until("online");
  expect((await hq.fleet.box("box-1"))?.certificateExpiresAt).toBeGreaterThan(before);
});

test("a site that was away for so long that its certificate expired comes back by itself", async () => {
  const dataDir = await newFolder();
  const boxDir = await newFolder();
  const ports = await (async () => {
    await using hq = await startHeadquarters({ dataDir, config: { certificateDays: 30 }, parts: { clock: skewed(-60) } });
    const enrolPort = Number(new URL(hq.enrolUrl).port);
    // Accepted sixty days ago for thirty days: MQTT is closed to it by now.
    await using box = await startBox({ dataDir: boxDir, enrolUrl: hq.enrolUrl, clock: skewed(-60) });
    await box.untilFault("not-authorised");
    return { enrolPort, mqttPort: hq.mqttPort };
  })();
  await using hq = await startHeadquarters({ dataDir, ...ports });
  await using box = await startBox({ dataDir: boxDir, enrolUrl: `https://127.0.0.1:${ports.enrolPort}` });
  await box.until("online");
  expect((await hq.fleet.box("box-1"))?.certificateExpiresAt).toBeGreaterThan(Date.now());
});

test("headquarters sees a box that is cut off as offline, and online when it is back", async () => {
  await using hq = await startHeadquarters();
  await using proxy = await openProxy(() => hq.mqttPort);
  await using box = await startBox({ enrolUrl: hq.enrolUrl, mqttUrl: `mqtts://127.0.0.1:${proxy.port}` });
  await box.until("online");
  const online = async () => (await hq.fleet.box("box-1"))?.online;
  expect(await online()).toBe(true);
  proxy.block(true);
  await eventually(hq, async () => (await online()) === false);
  proxy.block(false);
  await box.until("online");
  await eventually(hq, async () => (await online()) === true);
});

test("a damaged identity is put aside: the box starts, and asks to be claimed with a new key", async () => {
  const boxDir = await newFolder();
  await using hq = await startHeadquarters();
  {
    await using box = await startBox({ dataDir: boxDir, enrolUrl: hq.enrolUrl });
    await box.until("online");
  }
  for (const name of ["box.key", "enrolment.json", "claim-code"]) await writeFile(join(boxDir, "identity", name), "\0\0\0");
  await using box = await startBox({ dataDir: boxDir, enrolUrl: hq.enrolUrl });
  await box.until("online");
  expect(await readdir(join(boxDir, "identity"))).toContain("box.key.damaged");
});
