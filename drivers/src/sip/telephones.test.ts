import { silentLog, systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import type { Leg, LegRequest, Trunk } from "../line/index.ts";
import { hearTone } from "../line/testing/index.ts";
import { openSipEndpoint } from "./index.ts";
import { type Baresip, baresip, plainRtpPorts } from "./testing/index.ts";

const openBox = () =>
  openSipEndpoint(
    { listen: { host: "127.0.0.1", port: 0 }, extensions: [{ number: "8001", password: "secret" }] },
    { clock: systemClock, log: silentLog, rtp: plainRtpPorts(systemClock) },
  );

async function next(trunk: Trunk): Promise<Leg> {
  for await (const leg of trunk.incoming) return leg;
  throw new Error("closed without a call");
}

async function request(leg: Leg): Promise<LegRequest> {
  for await (const one of leg.requests) return one;
  throw new Error("the leg ended");
}

async function telephone(at: string): Promise<Baresip> {
  const phone = await baresip({ account: `<sip:8001@${at}>;auth_pass=secret;regint=60`, toneHz: 440 });
  await phone.said("200 OK");
  return phone;
}

async function called(phone: Baresip, box: Trunk, uri: string): Promise<Leg> {
  await phone.command("dial", uri);
  const leg = await phone.during(next(box));
  await leg.answer();
  await hearTone(leg.audio.frames, 440);
  return leg;
}

test("baresip's hold key is heard as a hold, and once more as a resume", async () => {
  await using box = await openBox();
  const at = `127.0.0.1:${box.address.udpPort}`;
  await using phone = await telephone(at);
  const leg = await called(phone, box, `sip:8000@${at}`);
  await phone.command("hold");
  expect(await phone.during(request(leg))).toEqual({ type: "hold" });
  await phone.command("resume");
  expect(await phone.during(request(leg))).toEqual({ type: "resume" });
  await hearTone(leg.audio.frames, 440);
  await leg.hangup("normal");
});

test("baresip is put on hold and taken back", async () => {
  await using box = await openBox();
  const at = `127.0.0.1:${box.address.udpPort}`;
  await using phone = await telephone(at);
  const leg = await called(phone, box, `sip:8000@${at}`);
  await leg.hold(true);
  await leg.hold(false);
  await hearTone(leg.audio.frames, 440);
  await leg.hangup("normal");
});

test("baresip transfers a call, and hears how it went", async () => {
  await using box = await openBox();
  const at = `127.0.0.1:${box.address.udpPort}`;
  await using phone = await telephone(at);
  const leg = await called(phone, box, `sip:8000@${at}`);
  await phone.command("transfer", `sip:8002@${at}`);
  const wanted = await phone.during(request(leg));
  if (wanted.type !== "transfer") throw new Error(wanted.type);
  expect(wanted).toMatchObject({ target: "8002" });
  wanted.report("ringing");
  wanted.report("answered");
  // Its menu hangs up once the other has answered.
  expect(await phone.during(leg.ended)).toBe("normal");
});

test("baresip's early media is heard before its answer", async () => {
  await using box = await openBox();
  const at = `127.0.0.1:${box.address.udpPort}`;
  await using phone = await baresip({
    account: `<sip:8001@${at}>;auth_pass=secret;regint=60;answermode=early`,
    toneHz: 440,
  });
  await phone.said("200 OK");
  const told: string[] = [];
  const early = Promise.withResolvers<void>();
  const dialling = box.dial("8001", {
    signal: AbortSignal.timeout(8_000),
    onProgress: ({ type }) => {
      told.push(type);
      if (type === "early-media") early.resolve();
    },
  });
  await phone.during(early.promise);
  await phone.command("accept");
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(outcome.type);
  await hearTone(outcome.leg.audio.frames, 440);
  await outcome.leg.hangup("normal");
});
