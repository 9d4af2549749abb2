import { silentLog, systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import type { Leg, LegRequest, Trunk } from "../line/index.ts";
import { openSipEndpoint, type SipConfigInput } from "./index.ts";
import { baresip } from "./testing/index.ts";
import { silentRtpPorts } from "./testing/virtual-network/index.ts";

/** A box with baresip as its extension 8001; what was agreed is seen at the ports. */
async function openSite(config: SipConfigInput, { account = "", modules = [] as readonly string[] }) {
  await using building = new AsyncDisposableStack();
  const rtp = silentRtpPorts();
  const box = building.use(
    await openSipEndpoint(
      { listen: { host: "127.0.0.1", port: 0 }, extensions: [{ number: "8001", password: "secret" }], ...config },
      { clock: systemClock, log: silentLog, rtp },
    ),
  );
  const at = `127.0.0.1:${box.address.udpPort}`;
  const phone = building.use(
    await baresip({
      account: `<sip:8001@${at}>;auth_pass=secret;regint=60${account}`,
      toneHz: 440,
      config: modules.map((module) => `module ${module}.so`),
    }),
  );
  await phone.said("200 OK");
  const owned = building.move();
  return { box, phone, at, ports: rtp.opened, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function next(trunk: Trunk): Promise<Leg> {
  for await (const leg of trunk.incoming) return leg;
  throw new Error("closed without a call");
}

async function request(leg: Leg): Promise<LegRequest["type"]> {
  for await (const { type } of leg.requests) return type;
  throw new Error("the leg ended");
}

test("baresip that offers keys beside plain RTP is answered with a key", async () => {
  await using site = await openSite({}, { account: ";mediaenc=srtp", modules: ["srtp"] });
  await site.phone.command("dial", `sip:8000@${site.at}`);
  const leg = await site.phone.during(next(site.box));
  await leg.answer();
  expect(site.ports[0]?.remote?.srtp).toMatchObject({ local: { suite: "AES_CM_128_HMAC_SHA1_80" } });
  await site.phone.said("SRTP is Enabled");
  await leg.hangup("normal");
});

test("baresip takes the keys that we require", async () => {
  await using site = await openSite({ srtp: "require" }, { account: ";mediaenc=srtp-mand", modules: ["srtp"] });
  const dialling = site.box.dial("8001", { signal: AbortSignal.timeout(8_000) });
  await site.phone.said("Incoming call");
  await site.phone.command("accept");
  const outcome = await site.phone.during(dialling);
  expect(outcome.type).toBe("answered");
  expect(site.ports[0]?.remote?.srtp).toBeDefined();
  await site.phone.said("SRTP is Enabled");
});

test("baresip that speaks G.722 alone is spoken to in G.722, with its events", async () => {
  await using site = await openSite({}, { account: ";audio_codecs=G722/16000/1", modules: ["g722"] });
  await site.phone.command("dial", `sip:8000@${site.at}`);
  const leg = await site.phone.during(next(site.box));
  await leg.answer();
  expect(site.ports[0]?.remote).toMatchObject({ codec: "G722", payloadType: 9, telephoneEvent: expect.any(Number) });
  await leg.hangup("normal");
});

test("baresip holds with keys in use and takes the call back, and so do we", async () => {
  await using site = await openSite({ srtp: "require" }, { account: ";mediaenc=srtp-mand", modules: ["srtp"] });
  await site.phone.command("dial", `sip:8000@${site.at}`);
  const leg = await site.phone.during(next(site.box));
  await leg.answer();
  const [port] = site.ports;
  const keys = port?.remote?.srtp;
  await site.phone.command("hold");
  expect(await site.phone.during(request(leg))).toBe("hold");
  expect(port?.remote).toMatchObject({ send: false, srtp: keys });
  await site.phone.command("resume");
  expect(await site.phone.during(request(leg))).toBe("resume");
  expect(port?.remote).toMatchObject({ send: true, receive: true, srtp: keys });
  await leg.hold(true);
  expect(port?.remote).toMatchObject({ send: true, receive: false, srtp: keys });
  await leg.hold(false);
  expect(port?.remote).toMatchObject({ send: true, receive: true, srtp: keys });
  await leg.hangup("normal");
});
