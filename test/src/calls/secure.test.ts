import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Call, CallWithMoments } from "@sitebox/core/contract";
import { freePort } from "@sitebox/core/testing";
import { certificateFiles, testAuthority } from "@sitebox/drivers/sip/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ApiClient } from "../api-client.ts";
import { Baresip } from "../peers/index.ts";
import { World } from "../world.ts";

const tones = { "8001": 427, "8002": 605 } as const;
const all = Object.values(tones);

let world: World;
let desk: ApiClient;
let tlsPort: number;
const owned = new AsyncDisposableStack();
/** Files of a certificate of the site's authority and of a stranger's, each with its key. */
let ours: string;
let strangers: string;

beforeAll(async () => {
  tlsPort = await freePort();
  const authority = await testAuthority("The site's");
  const site = owned.use(
    await certificateFiles(await authority.issue({ names: [{ type: "ip", value: "127.0.0.1" }] }), authority),
  );
  const stranger = await testAuthority("A stranger's");
  world = await World.open({
    headquarters: false,
    configure: (box) => ({
      ...box,
      sip: {
        ...box.sip,
        tls: {
          port: tlsPort,
          certificateFile: site.certificateFile,
          keyFile: site.keyFile,
          caFile: site.caFile,
          requireClientCertificate: true,
        },
      },
    }),
  });
  ours = join(world.folder, "ours.pem");
  strangers = join(world.folder, "strangers.pem");
  for (const [file, issuer] of [
    [ours, authority],
    [strangers, stranger],
  ] as const) {
    const { certificate, key } = await issuer.issue({ commonName: "telephone" });
    await writeFile(file, certificate + key);
  }
  await world.startBox();
  desk = await world.login("box", "agent");
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await owned.disposeAsync();
});

const secure = (number: "8001" | "8002" | "9806") => ({ ...world.extension(number), registrar: `127.0.0.1:${tlsPort}` });

test("a call over TLS with SRTP at both ends is heard both ways and recorded as secure", async () => {
  await using one = await Baresip.open({
    account: secure("8001"),
    transport: "tls",
    certificateFile: ours,
    mediaEncryption: "srtp-mand",
    tone: tones["8001"],
  });
  await using two = await Baresip.open({
    account: secure("8002"),
    transport: "tls",
    certificateFile: ours,
    mediaEncryption: "srtp-mand",
    tone: tones["8002"],
    autoAnswer: true,
  });
  await one.dial(`sip:8002@127.0.0.1:${tlsPort}`);
  await Promise.all([one.ear.hearsOnly([tones["8002"]], all), two.ear.hearsOnly([tones["8001"]], all)]);
  await one.hangUp();
  const [newest] = await desk.until<Call[]>("/api/calls?limit=1", ([call]) => call?.state === "ended");
  const { legs } = (await desk.get(`/api/calls/${newest?.id}`)) as CallWithMoments;
  expect(legs?.map(({ number, secure: encrypted }) => [number, encrypted])).toEqual([
    ["8001", true],
    ["8002", true],
  ]);
});

test("a telephone with a stranger's certificate is not let in", async () => {
  await using _phone = await Baresip.open({
    account: secure("9806"),
    transport: "tls",
    certificateFile: strangers,
    mayFail: true,
  });
  await world.logged(/a TLS connection was refused/);
  const extensions = (await desk.get("/api/extensions")) as { number: string; registered: boolean }[];
  expect(extensions.find(({ number }) => number === "9806")?.registered).toBe(false);
});

test("a telephone with the wrong password is refused with 403", async () => {
  await using phone = await Baresip.open({
    account: { ...secure("9806"), password: "not-the-password" },
    transport: "tls",
    certificateFile: ours,
    mayFail: true,
  });
  await phone.said(/403 Forbidden/);
  const extensions = (await desk.get("/api/extensions")) as { number: string; registered: boolean }[];
  expect(extensions.find(({ number }) => number === "9806")?.registered).toBe(false);
});
