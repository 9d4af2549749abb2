import { SipConfig, type SipConfigInput } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { parseMessage } from "../parser/index.ts";
import type { Peer } from "../transports/index.ts";
import { Guard } from "./index.ts";

const peer = (host: string, port = 5060): Peer => ({ transport: "udp", host, port });
const stranger = peer("192.0.2.1");

function guarded(config: SipConfigInput["guard"] = {}, registered: readonly Peer[] = []) {
  const clock = new VirtualClock();
  const guard = new Guard({
    clock,
    log: silentLog,
    config: SipConfig.parse({ guard: config }).guard,
    isTrusted: ({ host }) => host.startsWith("10."),
    isRegistered: ({ host, port }) => registered.some((one) => one.host === host && one.port === port),
  });
  return { clock, guard };
}

function times(count: number, task: () => void) {
  for (let done = 0; done < count; done++) task();
}

test("wrong passwords and unknown numbers together ban an address for the time that is set, and say why", async () => {
  const { clock, guard } = guarded({ failures: 4, banMinutes: 5 });
  const since = clock.now();
  guard.refused(stranger, "8001", "passwords");
  guard.refused(stranger, "8001", "passwords");
  guard.strange(stranger);
  expect(guard.admits(stranger)).toBe(true);
  guard.refused(stranger, "9999", "numbers");
  expect([guard.admits(stranger), guard.admits(peer("192.0.2.2"))]).toEqual([false, true]);
  expect(guard.bans()).toEqual([
    {
      address: "192.0.2.1",
      since,
      until: since + 300_000,
      kind: "failures",
      reason: "2 wrong passwords and 2 unknown numbers within 10 minutes",
      failures: 4,
    },
  ]);
  await clock.advance(300_000);
  expect([guard.admits(stranger), guard.bans(), clock.pending]).toEqual([true, [], 0]);
});

test("failures that are older than ten minutes count no more", async () => {
  const { clock, guard } = guarded({ failures: 2 });
  guard.strange(stranger);
  await clock.advance(600_000);
  guard.strange(stranger);
  expect(guard.bans()).toEqual([]);
  guard.strange(stranger);
  expect(guard.bans()).toHaveLength(1);
});

test("a flood of malformed messages bans, one now and then does not", () => {
  const { guard } = guarded({ failures: 2 });
  times(19, () => guard.malformed(stranger));
  expect(guard.admits(stranger)).toBe(true);
  guard.malformed(stranger);
  expect(guard.bans()).toMatchObject([{ kind: "malformed", reason: "20 malformed messages within 10 minutes" }]);
});

test("a registered telephone behind a banned address goes on, and only it", () => {
  const phone = peer("192.0.2.1", 40_000);
  const { guard } = guarded({ failures: 1 }, [phone]);
  guard.strange(stranger);
  expect([guard.admits(phone), guard.admits(peer("192.0.2.1", 40_001))]).toEqual([true, false]);
});

test("a trusted address is neither banned nor throttled", () => {
  const { guard } = guarded({ failures: 1, requestsPerSecond: 1 });
  const trusted = peer("10.0.0.1");
  guard.strange(trusted);
  times(5, () => expect(guard.takes(trusted)).toBe(true));
  expect(guard.bans()).toEqual([]);
});

test("an address has so many messages a second and no more, and a registered telephone of it as many of its own", async () => {
  const phone = peer("192.0.2.1", 40_000);
  const { clock, guard } = guarded({ requestsPerSecond: 3 }, [phone]);
  const taken = (from: Peer) => [1, 2, 3, 4].map(() => guard.takes(from));
  expect(taken(stranger)).toEqual([true, true, true, false]);
  expect(taken(phone)).toEqual([true, true, true, false]);
  await clock.advance(334);
  expect([guard.takes(stranger), guard.takes(stranger)]).toEqual([true, false]);
  await clock.advance(10_000);
  expect(taken(stranger)).toEqual([true, true, true, false]);
});

test.for(["friendly-scanner", "sipcli/v1.8", "VaxSIPUserAgent/3.5"])("%s is known for what it is", (userAgent) => {
  const { guard } = guarded();
  const request = parseMessage(
    Buffer.from(
      `OPTIONS sip:100@box SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:100@1.1.1.1>;tag=1\r\nTo: <sip:100@box>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nUser-Agent: ${userAgent}\r\n\r\n`,
    ),
  );
  if (request.type !== "request") throw new Error(request.type);
  expect([guard.recognises(request, peer("10.0.0.1")), guard.recognises(request, stranger)]).toEqual([false, true]);
  expect(guard.bans()).toMatchObject([{ address: "192.0.2.1", kind: "scanner" }]);
});

test("whoever listens hears of each ban once, and a lifted one begins from nothing", () => {
  const { guard } = guarded({ failures: 2 });
  const heard: string[] = [];
  const listening = guard.onBan(({ address }) => heard.push(address));
  times(5, () => guard.strange(stranger));
  expect([guard.unban("192.0.2.1"), guard.unban("192.0.2.1"), guard.unban("192.0.2.9")]).toEqual([true, false, false]);
  guard.strange(stranger);
  expect(guard.admits(stranger)).toBe(true);
  listening[Symbol.dispose]();
  guard.strange(stranger);
  expect(heard).toEqual(["192.0.2.1"]);
});

test("whatever strangers do, the tables do not grow", () => {
  const { guard } = guarded({ failures: 1 });
  for (let one = 0; one < 10_050; one++) guard.strange(peer(`192.${one >> 16}.${(one >> 8) & 255}.${one & 255}`));
  expect(guard.bans()).toHaveLength(10_000);
});
