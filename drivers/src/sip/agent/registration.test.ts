import { expect, test } from "vitest";
import { headerOf, listOf, type SipResponse } from "../parser/index.ts";
import { sdp, WirePeer } from "../testing/index.ts";
import type { SipConfigInput } from "./index.ts";
import { type Answering, answerTo, next, openSite, type Site } from "./site.testing.ts";

const config: SipConfigInput = {
  extensions: [
    { number: "8001", password: "secret" },
    { number: "8002", password: "another" },
  ],
  digestAlgorithms: ["SHA-256", "MD5"],
};

const identity = (number = "8001") => ({ from: `<sip:${number}@box>;tag=r`, to: `<sip:${number}@box>`, uri: "sip:box" });

let sequence = 0;

async function register(phone: WirePeer, headers: readonly string[], number?: string): Promise<SipResponse> {
  await phone.request("REGISTER", { ...identity(number), cseq: ++sequence, headers });
  const response = await phone.next();
  if (response.type !== "response") throw new Error(response.method);
  return response;
}

/** Registers with a challenge answered. */
async function registered(
  phone: WirePeer,
  headers: readonly string[] = [phone.contact],
  answering: Answering = {},
): Promise<SipResponse> {
  const challenge = await register(phone, headers, answering.username);
  return register(phone, [...headers, answerTo(challenge, answering)], answering.username);
}

const numbers = ({ box }: Site) => box.registrations().map(({ number }) => number);

test.for(["MD5", "SHA-256"] as const)("a phone registers with %s", async (algorithm) => {
  await using site = await openSite(config);
  const accepted = await registered(site.phone, [site.phone.contact], { algorithm });
  expect([accepted.status, listOf(accepted, "contact")]).toEqual([
    200,
    [`<sip:phone@127.0.0.1:${site.phone.port}>;expires=3600`],
  ]);
  expect(site.box.registrations()).toMatchObject([{ number: "8001", source: { port: site.phone.port }, behindNat: false }]);
});

test("a wrong password is 403, another's name on the right one too", async () => {
  await using site = await openSite(config);
  expect((await registered(site.phone, [site.phone.contact], { password: "wrong" })).status).toBe(403);
  const challenge = await register(site.phone, [site.phone.contact], "8001");
  const foreign = answerTo(challenge, { username: "8002", password: "another" });
  expect((await register(site.phone, [site.phone.contact, foreign], "8001")).status).toBe(403);
  expect(numbers(site)).toEqual([]);
});

test("an answer counts once: repeated it is stale, and with the next count right again", async () => {
  await using site = await openSite(config);
  const challenge = await register(site.phone, [site.phone.contact]);
  const statuses: number[] = [];
  for (const count of ["00000001", "00000001", "00000002"])
    statuses.push((await register(site.phone, [site.phone.contact, answerTo(challenge, { count })])).status);
  expect(statuses).toEqual([200, 401, 200]);
});

test("a challenge is stale after five minutes, and says so", async () => {
  await using site = await openSite(config);
  const challenge = await register(site.phone, [site.phone.contact]);
  await site.clock.advance(300_001);
  const again = await register(site.phone, [site.phone.contact, answerTo(challenge)]);
  expect([again.status, headerOf(again, "www-authenticate")]).toEqual([401, expect.stringContaining("stale=true")]);
});

test("a nonce that we never gave is stale, not right", async () => {
  await using site = await openSite(config);
  const challenge = await register(site.phone, [site.phone.contact]);
  const forged = {
    ...challenge,
    headers: challenge.headers.map(([name, value]) => [name, value.replace(/nonce="../, 'nonce="zz')] as const),
  };
  expect((await register(site.phone, [site.phone.contact, answerTo(forged)])).status).toBe(401);
});

test("who tries passwords hears nothing more, and the right phone still registers", async () => {
  await using site = await openSite(config);
  for (let attempt = 0; attempt < 5; attempt++) {
    const wrong = await registered(site.phone, [site.phone.contact], { username: "8002", password: `guess ${attempt}` });
    expect(wrong.status).toBe(403);
  }
  const challenge = await register(site.phone, [site.phone.contact], "8002");
  const answer = answerTo(challenge, { username: "8002", password: "another" });
  await site.phone.request("REGISTER", { ...identity("8002"), cseq: ++sequence, headers: [site.phone.contact, answer] });
  expect((await registered(site.phone)).status).toBe(200);
  await site.clock.advance(60_000);
  expect((await registered(site.phone, [site.phone.contact], { username: "8002", password: "another" })).status).toBe(200);
});

test("times are kept within bounds: too brief is 423, too long is cut, zero unregisters", async () => {
  await using site = await openSite(config);
  const brief = await registered(site.phone, [site.phone.contact, "Expires: 30"]);
  expect([brief.status, headerOf(brief, "min-expires")]).toEqual([423, "60"]);
  expect(listOf(await registered(site.phone, [`${site.phone.contact};expires=90000`]), "contact")?.[0]).toContain("expires=7200");
  expect(listOf(await registered(site.phone, [site.phone.contact, "Expires: 0"]), "contact")).toEqual([]);
  expect(numbers(site)).toEqual([]);
});

test("a registration ends when its time is over", async () => {
  await using site = await openSite(config);
  await registered(site.phone, [site.phone.contact, "Expires: 60"]);
  await site.clock.advance(59_999);
  expect(numbers(site)).toEqual(["8001"]);
  await site.clock.advance(2);
  expect(numbers(site)).toEqual([]);
});

test("an extension has several phones, and one asterisk removes them all", async () => {
  await using site = await openSite(config);
  await registered(site.phone, ["Contact: <sip:a@127.0.0.1:4001>, <sip:b@127.0.0.1:4002>;expires=120"]);
  expect(numbers(site)).toEqual(["8001", "8001"]);
  expect((await registered(site.phone, ["Contact: *"])).status).toBe(400);
  expect((await registered(site.phone, ["Contact: *", "Expires: 0"])).status).toBe(200);
  expect(numbers(site)).toEqual([]);
});

test("a contact that is none is 400 and changes nothing", async () => {
  await using site = await openSite(config);
  expect((await registered(site.phone, ["Contact: <sip:a@127.0.0.1:4001>, <mailto:b@c>"])).status).toBe(400);
  expect(numbers(site)).toEqual([]);
});

test("a phone behind a NAT is rung where it registered from", async () => {
  await using site = await openSite(config);
  await using nat = await WirePeer.open(site.box.address.udpPort);
  const challenge = await register(nat, []);
  const lines = [
    "REGISTER sip:box SIP/2.0",
    "Via: SIP/2.0/UDP 10.9.9.9:5060;branch=z9hG4bKnat;rport",
    "From: <sip:8001@box>;tag=r",
    "To: <sip:8001@box>",
    "Call-ID: nat",
    "CSeq: 1 REGISTER",
    "Contact: <sip:8001@10.9.9.9:5060>",
    answerTo(challenge),
    "Content-Length: 0",
  ];
  await nat.write(`${lines.join("\r\n")}\r\n\r\n`);
  await nat.response(200);
  expect(site.box.registrations()).toMatchObject([{ behindNat: true, source: { port: nat.port } }]);
  const dialling = site.box.dial("8001", { signal: AbortSignal.timeout(5_000) });
  const invite = await nat.requested("INVITE");
  expect(invite.uri).toMatchObject({ user: "8001", host: "10.9.9.9" });
  await nat.respond(invite, 486);
  expect(await dialling).toEqual({ type: "busy" });
});

test("all phones of an extension ring, the first to answer has the call, the others are cancelled", async () => {
  await using site = await openSite(config);
  await using second = await WirePeer.open(site.box.address.udpPort);
  await registered(site.phone);
  await registered(second);
  const dialling = site.box.dial("8001", { signal: AbortSignal.timeout(5_000) });
  const [first, other] = [await site.phone.requested("INVITE"), await second.requested("INVITE")];
  await site.phone.respond(first, 180);
  await second.respond(other, 180);
  await second.respond(other, 200, { body: sdp() });
  await second.requested("ACK");
  await site.phone.respond(await site.phone.requested("CANCEL"), 200);
  await site.phone.respond(first, 487);
  await site.phone.requested("ACK");
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(outcome.type);
  await outcome.leg.hangup("normal");
  await second.requested("BYE");
});

test("when one phone is busy and the other is gone, the extension is busy", async () => {
  await using site = await openSite(config);
  await using second = await WirePeer.open(site.box.address.udpPort);
  await registered(site.phone);
  await registered(second);
  const dialling = site.box.dial("8001", { signal: AbortSignal.timeout(5_000) });
  await site.phone.respond(await site.phone.requested("INVITE"), 486);
  await second.respond(await second.requested("INVITE"), 404);
  expect(await dialling).toEqual({ type: "busy" });
});

test("an extension without a phone is unreachable", async () => {
  await using site = await openSite(config);
  expect(await site.box.dial("8001", { signal: AbortSignal.timeout(5_000) })).toMatchObject({ type: "unreachable" });
});

test("a caller that claims to be an extension has to prove it, and may then dial any number", async () => {
  await using site = await openSite(config);
  const from = "<sip:8001@box>;tag=c";
  await site.phone.invite({ from, cseq: 1 });
  const challenge = await site.phone.response(401);
  await site.phone.invite({ from, cseq: 2, headers: [answerTo(challenge, { method: "INVITE" })], uri: "sip:8002@box" });
  const leg = await next(site.box);
  expect([leg.remote, leg.dialled]).toEqual(["8001", "8002"]);
});

test("a stranger may dial the service numbers and nothing else", async () => {
  await using site = await openSite({ ...config, serviceNumbers: ["8000"] });
  await site.phone.invite({ uri: "sip:8002@box", callId: "extension" });
  await site.phone.response(401);
  await site.phone.invite({ uri: "sip:0013812345678@box", callId: "outside" });
  await site.phone.response(401);
  await site.phone.invite({ callId: "service" });
  expect((await next(site.box)).dialled).toBe("8000");
});

test("with anonymous calls forbidden even the service numbers ask for a password", async () => {
  await using site = await openSite({ ...config, allowAnonymous: false });
  await site.phone.invite();
  await site.phone.response(401);
});

test("a withheld number is empty", async () => {
  await using site = await openSite(config);
  await site.phone.invite({ from: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=x' });
  expect((await next(site.box)).remote).toBe("");
});
