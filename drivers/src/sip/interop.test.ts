import { silentLog, systemClock } from "@sitebox/core/kernel";
import { freePort } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import type { Leg, Trunk } from "../line/index.ts";
import { hearTone } from "../line/testing/index.ts";
import { openSipEndpoint } from "./index.ts";
import { baresip, plainRtpPorts, sipp } from "./testing/index.ts";

const openBox = () =>
  openSipEndpoint(
    { listen: { host: "127.0.0.1", port: 0 }, extensions: [{ number: "8001", password: "secret" }] },
    { clock: systemClock, log: silentLog, rtp: plainRtpPorts(systemClock) },
  );

async function next(trunk: Trunk): Promise<Leg> {
  for await (const leg of trunk.incoming) return leg;
  throw new Error("closed without a call");
}

for (const transport of ["udp", "tcp"] as const) {
  test(`sipp calls over ${transport} without a password, and hangs up`, async () => {
    await using box = await openBox();
    const target = `127.0.0.1:${transport === "udp" ? box.address.udpPort : box.address.tcpPort}`;
    await using caller = await sipp({ scenario: "uac", target, transport, args: ["-s", "8000", "-d", "100"] });
    const leg = await caller.during(next(box));
    await leg.answer();
    expect(await leg.ended).toBe("normal");
    expect([leg.remote, leg.dialled, await caller.exited]).toEqual(["sipp", "8000", 0]);
  });

  test(`sipp registers over ${transport} by digest`, async () => {
    await using box = await openBox();
    const target = `127.0.0.1:${transport === "udp" ? box.address.udpPort : box.address.tcpPort}`;
    await using phone = await sipp({ scenario: "register", target, transport, args: ["-s", "8001"] });
    await phone.during(phone.exited);
    expect(box.registrations()).toMatchObject([{ number: "8001", source: { transport, host: "127.0.0.1" } }]);
  });

  test(`sipp calls over ${transport} as an extension, holds the call and takes it back`, async () => {
    await using box = await openBox();
    const target = `127.0.0.1:${transport === "udp" ? box.address.udpPort : box.address.tcpPort}`;
    await using phone = await sipp({ scenario: "call", target, transport });
    const leg = await phone.during(next(box));
    await leg.answer();
    expect([await phone.during(leg.ended), leg.remote]).toEqual(["normal", "8001"]);
    expect(await phone.exited).toBe(0);
  });
}

test("the box calls sipp and hangs up", async () => {
  await using box = await openBox();
  const port = await freePort();
  await using phone = await sipp({ scenario: "uas", port });
  const outcome = await box.dial(`sip:7000@127.0.0.1:${port}`, { signal: AbortSignal.timeout(8_000) });
  if (outcome.type !== "answered") throw new Error(outcome.type);
  await outcome.leg.hangup("normal");
  expect(await phone.exited).toBe(0);
});

test("baresip registers, calls with sound and keys, and is called", async () => {
  await using box = await openBox();
  const at = `127.0.0.1:${box.address.udpPort}`;
  await using phone = await baresip({ account: `<sip:8001@${at}>;auth_pass=secret;regint=60;dtmfmode=rtpevent`, toneHz: 440 });
  await phone.said("200 OK");
  expect(box.registrations()).toMatchObject([{ number: "8001" }]);

  await phone.command("dial", `sip:8000@${at}`);
  const leg = await phone.during(next(box));
  await leg.answer();
  expect([leg.remote, leg.dialled]).toEqual(["8001", "8000"]);
  await hearTone(leg.audio.frames, 440);
  for (const key of "80#") await phone.command("sndcode", key);
  const keys: string[] = [];
  for await (const digit of leg.digits) if (keys.push(digit) === 3) break;
  expect(keys.join("")).toBe("80#");
  await leg.hangup("normal");
  await leg.ended;

  const dialling = box.dial("8001", { signal: AbortSignal.timeout(8_000), callerNumber: "8000" });
  await phone.said("Incoming call");
  await phone.command("accept");
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(outcome.type);
  await hearTone(outcome.leg.audio.frames, 440);
  await phone.command("hangup");
  expect(await outcome.leg.ended).toBe("normal");
});

test("baresip shows what waits in its mailbox, and each change of it", async () => {
  let unheard = 2;
  const listeners = new Set<(number: string) => void>();
  const nothing = () => ({ [Symbol.dispose]: () => {} });
  await using box = await openSipEndpoint(
    { listen: { host: "127.0.0.1", port: 0 }, extensions: [{ number: "8001", password: "secret" }] },
    {
      clock: systemClock,
      log: silentLog,
      rtp: plainRtpPorts(systemClock),
      presence: {
        lineState: () => "idle",
        onLineState: nothing,
        mailbox: () => ({ unheard, heard: 1 }),
        onMailbox: (listener) => {
          listeners.add(listener);
          return { [Symbol.dispose]: () => void listeners.delete(listener) };
        },
      },
    },
  );
  const account = `<sip:8001@127.0.0.1:${box.address.udpPort}>;auth_pass=secret;regint=60;mwi=yes`;
  await using phone = await baresip({ account, toneHz: 440, config: ["module_app mwi.so"] });
  await phone.said("Voice-Message: 2/1");
  unheard = 3;
  for (const listener of listeners) listener("8001");
  await phone.said("Voice-Message: 3/1");
});
