import { expect, test } from "vitest";
import type { Leg } from "../../line/index.ts";
import { headerOf, type SipRequest, type SipResponse } from "../parser/index.ts";
import { SDP_HEADER, sdp } from "../testing/index.ts";
import { next, openSite, type Site } from "./site.testing.ts";

const ALLOWED = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE";
const TIMER = "Supported: timer";

/** A call to the box, whose INVITE says `headers`. */
async function called(site: Site, ...headers: string[]): Promise<{ leg: Leg; answer: SipResponse }> {
  await site.phone.invite({ headers });
  const leg = await next(site.box);
  await leg.answer();
  const answer = await site.phone.response(200);
  await site.phone.inDialog("ACK", answer);
  // Once this is answered, the ACK has arrived.
  await site.phone.inDialog("OPTIONS", answer, { cseq: 2 });
  await site.phone.response(200);
  return { leg, answer };
}

/** A call of the box, answered with `headers`. */
async function calling(site: Site, ...headers: string[]): Promise<{ leg: Leg; invite: SipRequest }> {
  const dialling = site.box.dial(`sip:7000@127.0.0.1:${site.phone.port}`, { signal: new AbortController().signal });
  const invite = await site.phone.requested("INVITE");
  await site.phone.respond(invite, 200, { body: sdp(), headers });
  await site.phone.requested("ACK");
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(outcome.type);
  return { leg: outcome.leg, invite };
}

test("where we are to show that we are there, we do so by UPDATE at half the time", async () => {
  await using site = await openSite();
  const { answer } = await called(site, TIMER, ALLOWED, "Session-Expires: 600;refresher=uas");
  expect([headerOf(answer, "session-expires"), headerOf(answer, "require")]).toEqual(["600;refresher=uas", "timer"]);
  for (let round = 0; round < 3; round++) {
    await site.clock.advance(299_000);
    await site.clock.advance(1_000);
    const update = await site.phone.requested("UPDATE");
    expect([headerOf(update, "session-expires"), update.body.length]).toEqual(["600;refresher=uac", 0]);
    await site.phone.respond(update, 200, { headers: ["Session-Expires: 600;refresher=uac", "Require: timer"] });
    await site.phone.inDialog("OPTIONS", answer, { cseq: round + 3 });
    await site.phone.response(200);
  }
});

test("a far end that does not take UPDATE is shown a re-INVITE that changes nothing", async () => {
  await using site = await openSite();
  const { answer } = await called(site, TIMER, "Session-Expires: 600;refresher=uas");
  const version = /^o=- [0-9]+ ([0-9]+)/m;
  await site.clock.advance(300_000);
  const invite = await site.phone.requested("INVITE");
  expect(version.exec(invite.body.toString())?.[1]).toBe(version.exec(answer.body.toString())?.[1]);
  await site.phone.respond(invite, 200, { body: sdp() });
  await site.phone.requested("ACK");
});

test("an UPDATE that is not taken after all is a re-INVITE the next moment", async () => {
  await using site = await openSite();
  await called(site, TIMER, ALLOWED, "Session-Expires: 600;refresher=uas");
  await site.clock.advance(300_000);
  await site.phone.respond(await site.phone.requested("UPDATE"), 405);
  await site.phone.respond(await site.phone.requested("INVITE"), 200, { body: sdp() });
  await site.phone.requested("ACK");
});

test("a far end that does not answer the sign of life is gone, and the leg has failed", async () => {
  await using site = await openSite();
  const { leg } = await called(site, TIMER, ALLOWED, "Session-Expires: 600;refresher=uas");
  await site.clock.advance(300_000);
  await site.phone.requested("UPDATE");
  await site.clock.advance(32_000);
  expect(await leg.ended).toBe("failed");
});

test("a far end that promised signs of life and gives none is told BYE before the time is up", async () => {
  await using site = await openSite();
  const { leg } = await called(site, TIMER, "Session-Expires: 600;refresher=uac");
  await site.clock.advance(567_000);
  await site.clock.advance(1_000);
  await site.phone.requested("BYE");
  expect(await leg.ended).toBe("failed");
});

test.for(["UPDATE", "INVITE"] as const)("signs of life by %s keep the call", async (method) => {
  await using site = await openSite();
  const { leg, answer } = await called(site, TIMER, "Session-Expires: 600;refresher=uac");
  const headers = [TIMER, "Session-Expires: 600;refresher=uac"];
  for (const cseq of [3, 4, 5]) {
    await site.clock.advance(400_000);
    const invite = { cseq, headers: [...headers, SDP_HEADER], body: sdp() };
    await site.phone.inDialog(method, answer, method === "UPDATE" ? { cseq, headers } : invite);
    expect(headerOf(await site.phone.response(200), "session-expires")).toBe("600;refresher=uac");
    if (method === "INVITE") await site.phone.inDialog("ACK", answer, { cseq });
  }
  await site.phone.inDialog("BYE", answer, { cseq: 9 });
  expect(await leg.ended).toBe("normal");
});

test("a session that would need signs of life too often is 422", async () => {
  await using site = await openSite();
  await site.phone.invite({ headers: [TIMER, "Session-Expires: 60"] });
  expect(headerOf(await site.phone.response(422), "min-se")).toBe("90");
});

test("in mid-call too, and the call goes on", async () => {
  await using site = await openSite();
  const { answer } = await called(site);
  await site.phone.inDialog("UPDATE", answer, { cseq: 3, headers: [TIMER, "Session-Expires: 60"] });
  await site.phone.response(422);
  await site.phone.inDialog("OPTIONS", answer, { cseq: 4 });
  await site.phone.response(200);
});

test("we ask for our time, and for more where the far end wants more", async () => {
  await using site = await openSite({ sessionSeconds: 600 });
  const dialling = site.box.dial(`sip:7000@127.0.0.1:${site.phone.port}`, { signal: new AbortController().signal });
  const first = await site.phone.requested("INVITE");
  expect(headerOf(first, "session-expires")).toBe("600");
  await site.phone.respond(first, 422, { headers: ["Min-SE: 1200"] });
  await site.phone.requested("ACK");
  const second = await site.phone.requested("INVITE");
  expect([headerOf(second, "session-expires"), headerOf(second, "min-se"), second.callId]).toEqual([
    "1200",
    "1200",
    first.callId,
  ]);
  await site.phone.respond(second, 200, { body: sdp(), headers: ["Session-Expires: 1200;refresher=uas", "Require: timer"] });
  await site.phone.requested("ACK");
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(outcome.type);
  await site.clock.advance(1_168_000);
  await site.phone.requested("BYE");
  expect(await outcome.leg.ended).toBe("failed");
});

test("a far end that knows no timers is asked all the same whether it is there", async () => {
  await using site = await openSite({ sessionSeconds: 600 });
  const { leg } = await calling(site);
  await site.clock.advance(300_000);
  await site.phone.respond(await site.phone.requested("INVITE"), 481);
  await site.phone.requested("ACK");
  await site.phone.requested("BYE");
  expect(await leg.ended).toBe("failed");
});

test("whatever else it answers, it is there", async () => {
  await using site = await openSite({ sessionSeconds: 600 });
  const { leg } = await calling(site);
  for (let round = 0; round < 3; round++) {
    await site.clock.advance(300_000);
    await site.phone.respond(await site.phone.requested("INVITE"), 488);
    await site.phone.requested("ACK");
  }
  await leg.hangup("normal");
  await site.phone.requested("BYE");
});
