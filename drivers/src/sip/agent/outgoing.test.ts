import { expect, test } from "vitest";
import type { DialOutcome } from "../../line/index.ts";
import { formatUri, headerOf, tagOf } from "../parser/index.ts";
import { sdp, WirePeer } from "../testing/index.ts";
import { openSite, type Site } from "./site.testing.ts";

const dial = ({ box, phone }: Site, signal = new AbortController().signal): Promise<DialOutcome> =>
  box.dial(`sip:7000@127.0.0.1:${phone.port}`, { signal, callerNumber: "8000" });

test("an INVITE of ours offers G.711 and telephone events, and names the caller", async () => {
  await using site = await openSite();
  const dialling = dial(site);
  const invite = await site.phone.requested("INVITE");
  expect([formatUri(invite.uri), headerOf(invite, "user-agent"), headerOf(invite, "max-forwards")]).toEqual([
    `sip:7000@127.0.0.1:${site.phone.port}`,
    "Sitebox",
    "70",
  ]);
  expect(invite.from.uri).toMatchObject({ user: "8000" });
  expect(Buffer.from(invite.body).toString()).toMatch(/m=audio [0-9]+ RTP\/AVP 8 0 9 101\r\n/);
  await site.phone.respond(invite, 200, { body: sdp() });
  expect((await site.phone.requested("ACK")).cseq).toEqual({ number: 1, method: "ACK" });
  expect(await dialling).toMatchObject({ type: "answered" });
});

test("each repetition of the 200 is acknowledged again", async () => {
  await using site = await openSite();
  const dialling = dial(site);
  const invite = await site.phone.requested("INVITE");
  for (let repetition = 0; repetition < 3; repetition++) {
    await site.phone.respond(invite, 200, { body: sdp() });
    await site.phone.requested("ACK");
  }
  expect(await dialling).toMatchObject({ type: "answered" });
});

test("the answer of a second fork is acknowledged and ended", async () => {
  await using site = await openSite();
  const dialling = dial(site);
  const invite = await site.phone.requested("INVITE");
  await site.phone.respond(invite, 200, { body: sdp(), tag: "first" });
  expect(tagOf((await site.phone.requested("ACK")).to)).toBe("first");
  await site.phone.respond(invite, 200, { body: sdp(), tag: "second" });
  expect(tagOf((await site.phone.requested("ACK")).to)).toBe("second");
  const bye = await site.phone.requested("BYE");
  expect(tagOf(bye.to)).toBe("second");
  await site.phone.respond(bye, 200);
  expect(await dialling).toMatchObject({ type: "answered" });
});

test.for([
  [486, "busy"],
  [600, "busy"],
  [603, "busy"],
  [480, "no-answer"],
  [408, "no-answer"],
  [404, "unreachable"],
  [503, "unreachable"],
] as const)("a refusal with %d is %s, and acknowledged", async ([status, type]) => {
  await using site = await openSite();
  const dialling = dial(site);
  const invite = await site.phone.requested("INVITE");
  await site.phone.respond(invite, status);
  expect((await site.phone.requested("ACK")).vias[0]?.params.get("branch")).toBe(invite.vias[0]?.params.get("branch"));
  expect(await dialling).toMatchObject({ type });
});

test("giving up while it rings sends a CANCEL with the branch of the INVITE", async () => {
  await using site = await openSite();
  const giveUp = new AbortController();
  const dialling = dial(site, giveUp.signal);
  const invite = await site.phone.requested("INVITE");
  await site.phone.respond(invite, 180);
  giveUp.abort();
  const cancel = await site.phone.requested("CANCEL");
  expect(cancel.vias[0]?.params.get("branch")).toBe(invite.vias[0]?.params.get("branch"));
  await site.phone.respond(cancel, 200);
  await site.phone.respond(invite, 487);
  await site.phone.requested("ACK");
  expect(await dialling).toEqual({ type: "no-answer" });
});

test("giving up before the first sign of life waits for it", async () => {
  await using site = await openSite();
  const giveUp = new AbortController();
  const dialling = dial(site, giveUp.signal);
  const invite = await site.phone.requested("INVITE");
  giveUp.abort();
  await site.clock.advance(500);
  await site.phone.requested("INVITE");
  await site.phone.respond(invite, 100);
  await site.phone.respond(await site.phone.requested("CANCEL"), 200);
  await site.phone.respond(invite, 487);
  expect(await dialling).toEqual({ type: "no-answer" });
});

test("an answer that crosses the CANCEL is acknowledged and ended", async () => {
  await using site = await openSite();
  const giveUp = new AbortController();
  const dialling = dial(site, giveUp.signal);
  const invite = await site.phone.requested("INVITE");
  await site.phone.respond(invite, 180);
  giveUp.abort();
  await site.phone.respond(invite, 200, { body: sdp() });
  const methods = [await site.phone.next(), await site.phone.next(), await site.phone.next()].map(
    (message) => message.type === "request" && message.method,
  );
  expect(new Set(methods)).toEqual(new Set(["ACK", "BYE", "CANCEL"]));
  expect(await dialling).toEqual({ type: "no-answer" });
});

test("a phone that takes the CANCEL and never ends its INVITE does not hold the caller", async () => {
  await using site = await openSite();
  const giveUp = new AbortController();
  const dialling = dial(site, giveUp.signal);
  const invite = await site.phone.requested("INVITE");
  await site.phone.respond(invite, 180);
  giveUp.abort();
  await site.phone.respond(await site.phone.requested("CANCEL"), 200);
  await site.clock.advance(32_000);
  expect(await dialling).toEqual({ type: "no-answer" });
});

test("nobody there is unreachable after 64 T1", async () => {
  await using site = await openSite();
  const dialling = dial(site);
  await site.phone.requested("INVITE");
  await site.clock.advance(32_000);
  expect(await dialling).toMatchObject({ type: "unreachable" });
});

test("an answer that we cannot speak is acknowledged and ended", async () => {
  await using site = await openSite();
  const dialling = dial(site);
  const invite = await site.phone.requested("INVITE");
  await site.phone.respond(invite, 200, { body: sdp().replace("0 8 96", "18") });
  await site.phone.requested("ACK");
  await site.phone.requested("BYE");
  expect(await dialling).toMatchObject({ type: "unreachable" });
});

test("an offer of theirs while ours is open is 491", async () => {
  await using site = await openSite();
  const dialling = dial(site);
  const invite = await site.phone.requested("INVITE");
  await site.phone.respond(invite, 180);
  const from = `<sip:7000@phone>;tag=phone`;
  const to = `<sip:8000@127.0.0.1>;tag=${tagOf(invite.from)}`;
  await site.phone.request("UPDATE", {
    from,
    to,
    callId: invite.callId,
    body: sdp(),
    headers: ["Content-Type: application/sdp"],
  });
  await site.phone.response(491);
  await site.phone.respond(invite, 200, { body: sdp() });
  await site.phone.requested("ACK");
  expect(await dialling).toMatchObject({ type: "answered" });
});

test("requests of a call go along its route set", async () => {
  await using site = await openSite();
  await using proxy = await WirePeer.open(site.box.address.udpPort);
  const dialling = dial(site);
  const invite = await site.phone.requested("INVITE");
  const route = `<sip:127.0.0.1:${proxy.port};lr>`;
  await site.phone.respond(invite, 200, { body: sdp(), headers: [`Record-Route: <sip:far.example;lr>, ${route}`] });
  const ack = await proxy.requested("ACK");
  expect([formatUri(ack.uri), ack.headers.filter(([name]) => name === "route").map(([, value]) => value)]).toEqual([
    `sip:phone@127.0.0.1:${site.phone.port}`,
    [route, "<sip:far.example;lr>"],
  ]);
  expect(await dialling).toMatchObject({ type: "answered" });
});

test("requests within a call by a line answer its challenges, too", async () => {
  await using phone = await WirePeer.open();
  const trunk = { name: "carrier", host: "127.0.0.1", port: phone.port, user: "box", password: "secret" };
  await using site = await openSite({ trunks: [trunk] });
  phone.aim(site.box.address.udpPort);
  await phone.respond(await phone.requested("OPTIONS"), 200);
  const dialling = site.box.line("carrier").dial("13800000000", { signal: new AbortController().signal });
  await phone.respond(await phone.requested("INVITE"), 200, { body: sdp() });
  await phone.requested("ACK");
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(outcome.type);
  expect(outcome.leg.line).toBe("carrier");
  const holding = outcome.leg.hold(true);
  const first = await phone.requested("INVITE");
  await phone.respond(first, 407, {
    headers: ['Proxy-Authenticate: Digest realm="carrier", nonce="n", algorithm=MD5, qop="auth"'],
  });
  await phone.requested("ACK");
  const second = await phone.requested("INVITE");
  expect(headerOf(second, "proxy-authorization")).toContain('username="box"');
  expect(second.cseq.number).toBe(first.cseq.number + 1);
  await phone.respond(second, 200, { body: sdp(["a=recvonly"]) });
  expect(headerOf(await phone.requested("ACK"), "proxy-authorization")).toContain('username="box"');
  await holding;
  void outcome.leg.hangup("normal");
  await phone.respond(await phone.requested("BYE"), 200);
});
