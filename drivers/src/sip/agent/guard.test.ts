import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { sdp, WirePeer } from "../testing/index.ts";
import { answerTo, next, openSite } from "./site.testing.ts";

const config = {
  extensions: [{ number: "8001", password: "secret" }],
  allowAnonymous: true,
  guard: { trusted: [], failures: 3, requestsPerSecond: 1_000, ringingCalls: 2 },
};
const identity = (number: string) => ({ from: `<sip:${number}@box>;tag=r`, to: `<sip:${number}@box>`, uri: "sip:box" });

test("who looks for extensions is banned: over UDP it hears nothing more, its TCP connection is closed", async () => {
  await using site = await openSite(config);
  const { phone, box } = site;
  const scanner = connect(box.address.tcpPort, "127.0.0.1");
  await once(scanner, "connect");
  const closed = once(scanner, "close");
  const banned: string[] = [];
  box.onBan(({ reason }) => banned.push(reason));
  for (let number = 100; number < 103; number++)
    await phone.request("REGISTER", { ...identity(`${number}`), callId: `${number}` });
  await phone.response(401);
  await closed;
  expect(banned).toEqual(["3 unknown numbers within 10 minutes"]);
  const again = connect(box.address.tcpPort, "127.0.0.1");
  await once(again, "close");
  expect(box.unban("127.0.0.1")).toBe(true);
  for (let heard = 0; heard < 2; heard++) await phone.response(401);
  await phone.request("OPTIONS", { callId: "after" });
  await phone.response(200);
});

test("who goes on trying passwords after being answered no more is banned too", async () => {
  await using site = await openSite({ ...config, guard: { ...config.guard, failures: 7 } });
  const { phone, box } = site;
  const banned = new Promise<string>((resolve) => box.onBan(({ reason }) => resolve(reason)));
  await phone.request("REGISTER", { ...identity("8001"), headers: [phone.contact] });
  const challenge = await phone.response(401);
  for (let guess = 2; guess <= 8; guess++) {
    const answer = answerTo(challenge, { password: `guess ${guess}`, count: `0000000${guess}` });
    await phone.request("REGISTER", { ...identity("8001"), cseq: guess, headers: [phone.contact, answer] });
  }
  for (let refusal = 0; refusal < 5; refusal++) await phone.response(403);
  expect(await banned).toBe("7 wrong passwords within 10 minutes");
});

test("a registered telephone goes on behind the address that its neighbour had banned", async () => {
  await using site = await openSite(config);
  const { phone, box } = site;
  await using neighbour = await WirePeer.open(box.address.udpPort);
  await phone.request("REGISTER", { ...identity("8001"), headers: [phone.contact] });
  const challenge = await phone.response(401);
  await phone.request("REGISTER", { ...identity("8001"), cseq: 2, headers: [phone.contact, answerTo(challenge)] });
  await phone.response(200);
  await neighbour.request("OPTIONS", { headers: ["User-Agent: friendly-scanner"] });
  await neighbour.request("OPTIONS", { callId: "second" });
  await phone.request("OPTIONS", { callId: "third" });
  await phone.response(200);
  expect(box.bans()).toMatchObject([{ address: "127.0.0.1", kind: "scanner" }]);
  expect(box.load.transactions).toBe(3);
});

test("of one address only so many calls ring at once; those that were answered do not count", async () => {
  await using site = await openSite(config);
  for (const callId of ["one", "two", "three"])
    await site.phone.request("INVITE", { callId, body: sdp(), headers: [site.phone.contact, "Content-Type: application/sdp"] });
  await site.phone.response(503);
  await (await next(site.box)).answer();
  await site.phone.response(200);
  await site.phone.invite({ callId: "four" });
  await next(site.box);
  expect((await next(site.box)).dialled).toBe("8000");
});
