import { freePort, VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import type { LineState } from "../../line/index.ts";
import type { SipConfigInput, SipEndpoint } from "../index.ts";
import { headerOf, listOf, type SipRequest } from "../parser/index.ts";
import { nameServer, sdp, WirePeer } from "../testing/index.ts";
import { CARRIER_HOST, next, openBox, openCarrier, soon } from "./rig.testing.ts";

type Trunk = NonNullable<SipConfigInput["trunks"]>[number];

interface Site extends AsyncDisposable {
  readonly box: SipEndpoint;
  /** The far end, played by hand. */
  readonly carrier: WirePeer;
  readonly clock: VirtualClock;
  /** Every state that the line has been in. */
  readonly states: LineState[];
}

/** A box with one line, whose time the test moves. */
async function openSite(trunk: Partial<Trunk> = {}): Promise<Site> {
  const carrier = await WirePeer.open();
  const clock = new VirtualClock();
  const line: Trunk = { name: "carrier", host: "127.0.0.1", port: carrier.port, ...trunk };
  const box = await openBox({ trunks: [line] }, { clock });
  carrier.aim(box.address.udpPort);
  const states: LineState[] = [];
  box.onLineChanged((state) => states.push(state));
  return {
    box,
    carrier,
    clock,
    states,
    async [Symbol.asyncDispose]() {
      const closing = box[Symbol.asyncDispose]();
      for (let step = 0; step < 40; step++) await clock.advance(100);
      await closing;
      await carrier[Symbol.asyncDispose]();
    },
  };
}

/** Lets time pass until the line is in a state other than `before`. */
async function changed({ box, clock }: Site, before: LineState["state"]): Promise<LineState> {
  for (;;) {
    const [state] = box.lines();
    if (state && state.state !== before) return state;
    await clock.advance(100);
  }
}

test("a line is up while OPTIONS is answered, and down with what the far end says", async () => {
  await using site = await openSite();
  expect(site.box.lines()).toMatchObject([{ state: "starting" }]);
  await site.carrier.respond(await site.carrier.requested("OPTIONS"), 200);
  expect(await changed(site, "starting")).toMatchObject({ state: "up" });

  await site.clock.advance(30_000);
  await site.carrier.respond(await site.carrier.requested("OPTIONS"), 403);
  expect(await changed(site, "up")).toMatchObject({ state: "down", reason: "403 x" });

  await site.clock.advance(30_000);
  await site.carrier.respond(await site.carrier.requested("OPTIONS"), 404);
  expect(await changed(site, "down")).toMatchObject({ state: "up" });
});

test("a far end that says nothing for 32 s is down", async () => {
  await using site = await openSite();
  expect(await changed(site, "starting")).toMatchObject({
    state: "down",
    fault: "unreachable",
    reason: "no answer for 32 s",
  });
});

const login: Partial<Trunk> = { kind: "register", user: "4001", password: "secret", registerSeconds: 300 };
const contactIn = (register: SipRequest) => (listOf(register, "contact") ?? []).join();
/** The answer to a REGISTER that keeps our contact for so long. */
const kept = (register: SipRequest, seconds: number) => ({
  headers: [`Contact: ${contactIn(register).replace(/;expires=.*/, "")};expires=${seconds}`],
});

const seen = new WeakMap<WirePeer, number>();

/** The next REGISTER, past the keep-alives and what is repeated. */
async function register({ carrier }: Site): Promise<SipRequest> {
  for (;;) {
    const message = await carrier.next();
    if (message.type !== "request") continue;
    const { number, method } = message.cseq;
    if (method !== "REGISTER") await carrier.respond(message, 200);
    else if (number > (seen.get(carrier) ?? 0)) {
      seen.set(carrier, number);
      return message;
    }
  }
}

test("a login is renewed between 80 and 90 % of what the carrier grants, with the same Call-ID and the next number", async () => {
  await using site = await openSite(login);
  const first = await register(site);
  expect([headerOf(first, "expires"), contactIn(first)]).toEqual([
    "300",
    expect.stringMatching(/^<sip:[0-9a-f]{24}@127.0.0.1:\d+>;expires=300$/),
  ]);
  await site.carrier.respond(first, 200, kept(first, 200));
  await changed(site, "starting");
  const startedAt = site.clock.now();
  const again = register(site);
  let second: SipRequest | undefined;
  void again.then((request) => {
    second = request;
  });
  while (!second) await site.clock.advance(1_000);
  const afterS = (site.clock.now() - startedAt) / 1_000;
  expect(afterS).toBeGreaterThanOrEqual(160);
  expect(afterS).toBeLessThanOrEqual(185);
  expect([second.callId, second.cseq.number]).toEqual([first.callId, first.cseq.number + 1]);
  await site.carrier.respond(second, 200, kept(second, 200));
});

test("a carrier that wants longer gets it", async () => {
  await using site = await openSite(login);
  await site.carrier.respond(await register(site), 423, { headers: ["Min-Expires: 1800"] });
  const second = await register(site);
  expect(headerOf(second, "expires")).toBe("1800");
  await site.carrier.respond(second, 200, kept(second, 1_800));
  expect(await changed(site, "starting")).toMatchObject({ state: "up" });
});

test("a login that was taken without our address is none", async () => {
  await using site = await openSite(login);
  await site.carrier.respond(await register(site), 200);
  expect(await changed(site, "starting")).toMatchObject({ reason: "the login was taken without our address" });
});

test("a login that fails is tried again, ever later, with the far end's words as the reason", async () => {
  await using site = await openSite(login);
  const times: number[] = [];
  const refusing = (async () => {
    while (times.length < 4) {
      const request = await register(site);
      times.push(site.clock.now());
      await site.carrier.respond(request, 403, { headers: ['Warning: 399 carrier "not paid"'] });
    }
  })();
  let done = false;
  void refusing.then(() => {
    done = true;
  });
  while (!done) await site.clock.advance(500);
  const pauses = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / 1_000);
  expect(pauses[0]).toBeGreaterThanOrEqual(2.5);
  expect(pauses[2]).toBeGreaterThanOrEqual(10);
  expect(await changed(site, "starting")).toMatchObject({ state: "down", reason: "403 x (not paid)" });
});

test("a call over a line that has no free channel says so, and one that comes in is refused as busy", async () => {
  await using site = await openSite({ maxCalls: 1, numbers: ["02161230001"] });
  await site.carrier.respond(await site.carrier.requested("OPTIONS"), 200);
  await changed(site, "starting");
  const giveUp = new AbortController();
  const first = site.box.line("carrier").dial("13800138000", { signal: giveUp.signal });
  const invite = await site.carrier.requested("INVITE");
  expect(await site.box.line("carrier").dial("13900139000", { signal: soon() })).toEqual({
    type: "unreachable",
    reason: "all 1 channels of line carrier are in use",
  });
  await site.carrier.invite({ uri: "sip:02161230001@box.example", callId: "in" });
  await site.carrier.response(486);
  await site.carrier.respond(invite, 486);
  expect(await first).toEqual({ type: "busy" });
  expect(site.box.lines()).toMatchObject([{ calls: 0, maxCalls: 1 }]);
});

test("a call that comes in takes a channel until it ends", async () => {
  await using site = await openSite({ maxCalls: 1, numbers: ["02161230001"] });
  await site.carrier.respond(await site.carrier.requested("OPTIONS"), 200);
  await changed(site, "starting");
  await site.carrier.invite({ uri: "sip:02161230001@box.example", callId: "in" });
  const leg = await next(site.box);
  expect(site.box.lines()).toMatchObject([{ calls: 1 }]);
  await leg.hangup("busy");
  await site.carrier.response(486);
  expect(site.box.lines()).toMatchObject([{ calls: 0 }]);
});

test("a number is written as the carrier wants it, a caller's as the site knows it", async () => {
  const rules = {
    outgoingRules: [{ match: "0(\\d+)", replace: "+86$1" }],
    incomingRules: [{ match: "\\+86(\\d+)", replace: "0$1" }],
  };
  await using site = await openSite({ ...rules, numbers: ["02161230001"] });
  await site.carrier.respond(await site.carrier.requested("OPTIONS"), 200);
  await changed(site, "starting");
  const dialling = site.box.line("carrier").dial("02161239999", { signal: soon(), callerNumber: "8001" });
  const invite = await site.carrier.requested("INVITE");
  expect([invite.uri, invite.from.uri]).toMatchObject([{ user: "+862161239999" }, { user: "02161230001" }]);
  await site.carrier.respond(invite, 200, { body: sdp() });
  await site.carrier.requested("ACK");
  const outcome = await dialling;
  expect(outcome).toMatchObject({ type: "answered", leg: { remote: "02161239999", line: "carrier" } });

  await site.carrier.invite({ uri: "sip:+862161230001@box.example", from: "<sip:+8613800138000@c.example>;tag=c", callId: "in" });
  const leg = await next(site.box);
  expect([leg.remote, leg.dialled]).toEqual(["013800138000", "02161230001"]);
});

test("a host that is not there, or cannot serve, gives way to the next of its service", async () => {
  await using second = await openCarrier();
  await using dns = await nameServer();
  const gone = await freePort();
  dns.srv.set("_sip._tcp.carrier.example", [
    { priority: 1, weight: 0, host: "a.carrier.example", port: gone },
    { priority: 2, weight: 0, host: "b.carrier.example", port: second.address.tcpPort },
  ]);
  dns.a.set("a.carrier.example", ["127.0.0.1"]).set("b.carrier.example", [CARRIER_HOST]);
  const trunk: Trunk = { name: "carrier", host: "carrier.example", transport: "tcp" };
  await using box = await openBox({ trunks: [trunk] }, { nameServers: [dns.address] });
  const dialling = box.line("carrier").dial("13800138000", { signal: soon() });
  const there = await next(second);
  await there.answer();
  expect(await dialling).toMatchObject({ type: "answered" });
});

test("a host that answers 503 gives way to the next", async () => {
  await using second = await openCarrier();
  await using dns = await nameServer();
  await using first = await WirePeer.open();
  dns.srv.set("_sip._udp.carrier.example", [
    { priority: 1, weight: 0, host: "a.carrier.example", port: first.port },
    { priority: 2, weight: 0, host: "b.carrier.example", port: second.address.udpPort },
  ]);
  dns.a.set("a.carrier.example", ["127.0.0.1"]).set("b.carrier.example", [CARRIER_HOST]);
  await using box = await openBox({ trunks: [{ name: "carrier", host: "carrier.example" }] }, { nameServers: [dns.address] });
  first.aim(box.address.udpPort);
  await first.respond(await first.requested("OPTIONS"), 200);
  const dialling = box.line("carrier").dial("13800138000", { signal: soon() });
  await first.respond(await first.requested("INVITE"), 503);
  await first.requested("ACK");
  const there = await next(second);
  await there.hangup("busy");
  expect(await dialling).toEqual({ type: "busy" });
});

test.each([
  ["off", /m=audio \d+ RTP\/AVP (?!.*crypto)/s],
  ["require", /m=audio \d+ RTP\/SAVP .*a=crypto:1 /s],
] as const)("a line with SRTP %s offers sound so, whatever telephones do", async (srtp, wanted) => {
  await using site = await openSite({ srtp });
  await site.carrier.respond(await site.carrier.requested("OPTIONS"), 200);
  const giveUp = new AbortController();
  const dialling = site.box.line("carrier").dial("13800138000", { signal: giveUp.signal });
  const invite = await site.carrier.requested("INVITE");
  expect(Buffer.from(invite.body).toString()).toMatch(wanted);
  await site.carrier.respond(invite, 486);
  expect(await dialling).toEqual({ type: "busy" });
});

test("a line that is not configured cannot be had", async () => {
  await using site = await openSite();
  expect(() => site.box.line("other")).toThrow("no line is called other");
});
