import { silentLog, systemClock } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import type { Leg, WireMessage } from "../../line/index.ts";
import { headerOf, listOf, type SipResponse, tagOf } from "../parser/index.ts";
import { plainRtpPorts, SDP_HEADER, sdp, WirePeer } from "../testing/index.ts";
import { openSipEndpoint } from "./index.ts";
import { next, openSite, type Site } from "./site.testing.ts";

/** A call that was answered and acknowledged. */
async function talking(site: Site): Promise<{ leg: Leg; answer: SipResponse }> {
  await site.phone.invite();
  const leg = await next(site.box);
  await leg.answer();
  const answer = await site.phone.response(200);
  await site.phone.inDialog("ACK", answer);
  return { leg, answer };
}

const bodyOf = (response: SipResponse) => Buffer.from(response.body).toString();

test("an INVITE is tried, rings, and is answered with the codecs that both speak", async () => {
  await using site = await openSite();
  await site.phone.invite();
  expect([await site.phone.next(), await site.phone.next()]).toMatchObject([{ status: 100 }, { status: 180 }]);
  const leg = await next(site.box);
  await leg.answer();
  const answer = await site.phone.response(200);
  expect(bodyOf(answer)).toContain("RTP/AVP 8 96\r\n");
  expect(bodyOf(answer)).toContain("a=rtpmap:96 telephone-event/8000");
  expect([headerOf(answer, "server"), tagOf(answer.to)]).toEqual(["Sitebox", expect.any(String)]);
});

test("the 200 is repeated at T1 doubled up to T2 until the ACK comes", async () => {
  await using site = await openSite();
  await site.phone.invite();
  const leg = await next(site.box);
  await leg.answer();
  const first = await site.phone.response(200);
  for (const waitMs of [500, 1_000, 2_000, 4_000, 4_000]) {
    await site.clock.advance(waitMs - 1);
    await site.clock.advance(1);
    expect(bodyOf(await site.phone.response(200))).toBe(bodyOf(first));
  }
  await site.phone.inDialog("ACK", first);
  await site.phone.inDialog("OPTIONS", first, { cseq: 2 });
  expect((await site.phone.response(200)).cseq.method).toBe("OPTIONS");
  await site.clock.advance(60_000);
  await site.phone.inDialog("OPTIONS", first, { cseq: 3 });
  expect((await site.phone.response(200)).cseq).toEqual({ number: 3, method: "OPTIONS" });
});

test("without any ACK the call is ended with a BYE after 64 T1", async () => {
  await using site = await openSite();
  await site.phone.invite();
  const leg = await next(site.box);
  await leg.answer();
  await site.clock.advance(32_000);
  for (let repetition = 0; repetition < 11; repetition++) await site.phone.response(200);
  const bye = await site.phone.requested("BYE");
  await site.phone.respond(bye, 200);
  expect(await leg.ended).toBe("failed");
});

test("a hang-up before the ACK waits for it", async () => {
  await using site = await openSite();
  await site.phone.invite();
  const leg = await next(site.box);
  await leg.answer();
  await leg.hangup("normal");
  const answer = await site.phone.response(200);
  await site.phone.inDialog("OPTIONS", answer, { cseq: 2 });
  expect((await site.phone.response(481)).cseq.method).toBe("OPTIONS");
  await site.phone.inDialog("ACK", answer);
  const bye = await site.phone.requested("BYE");
  expect(headerOf(bye, "reason")).toBe("Q.850;cause=16");
});

test("a CANCEL before the answer ends the ringing with 487", async () => {
  await using site = await openSite();
  const branch = await site.phone.invite();
  const leg = await next(site.box);
  await site.phone.request("CANCEL", { branch });
  expect((await site.phone.response(200)).cseq.method).toBe("CANCEL");
  expect((await site.phone.response(487)).cseq.method).toBe("INVITE");
  expect(await leg.ended).toBe("no-answer");
});

test("a CANCEL that comes after the answer changes nothing", async () => {
  await using site = await openSite();
  const branch = await site.phone.invite();
  const leg = await next(site.box);
  await leg.answer();
  await site.phone.request("CANCEL", { branch });
  const [first, second] = [await site.phone.response(200), await site.phone.response(200)];
  const answer = first.cseq.method === "INVITE" ? first : second;
  await site.phone.inDialog("ACK", answer);
  await site.phone.inDialog("BYE", answer, { cseq: 2 });
  expect(await leg.ended).toBe("normal");
});

test("a CANCEL for nothing is 481", async () => {
  await using site = await openSite();
  await site.phone.request("CANCEL");
  await site.phone.response(481);
});

test("an INVITE without an offer gets ours in the 200, and sound flows after the answer in the ACK", async () => {
  await using site = await openSite();
  await site.phone.request("INVITE", { headers: [site.phone.contact] });
  const leg = await next(site.box);
  let flowing = false;
  const answering = leg.answer().then(() => {
    flowing = true;
  });
  const answer = await site.phone.response(200);
  expect(bodyOf(answer)).toContain("RTP/AVP 8 0 9 101\r\n");
  expect(flowing).toBe(false);
  await site.phone.inDialog("ACK", answer, { body: sdp() });
  await answering;
});

test("an ACK without the answer that was owed ends the call", async () => {
  await using site = await openSite();
  await site.phone.request("INVITE", { headers: [site.phone.contact] });
  const leg = await next(site.box);
  const answering = leg.answer();
  const answer = await site.phone.response(200);
  await site.phone.inDialog("ACK", answer);
  await site.phone.requested("BYE");
  expect(await leg.ended).toBe("failed");
  await answering;
});

test.for([
  ["a=sendonly", "127.0.0.1", "a=recvonly"],
  ["a=recvonly", "127.0.0.1", "a=sendonly"],
  ["a=inactive", "127.0.0.1", "a=inactive"],
  ["a=sendrecv", "0.0.0.0", "a=recvonly"],
  ["a=sendonly", "0.0.0.0", "a=recvonly"],
] as const)("held with %s at %s the answer is %s, and the call can be taken back", async ([direction, address, expected]) => {
  await using site = await openSite();
  const { answer } = await talking(site);
  await site.phone.inDialog("INVITE", answer, { cseq: 2, body: sdp([direction], 4_000, address) });
  const held = await site.phone.response(200);
  expect(bodyOf(held)).toContain(expected);
  await site.phone.inDialog("ACK", answer, { cseq: 2 });
  await site.phone.inDialog("INVITE", answer, { cseq: 3, body: sdp() });
  expect(bodyOf(await site.phone.response(200))).toContain("a=sendrecv");
});

test("a description that changes counts its version up, one that does not keeps it", async () => {
  await using site = await openSite();
  const { answer } = await talking(site);
  const versions: string[] = [];
  for (const [index, direction] of ["a=sendrecv", "a=sendonly", "a=sendonly", "a=sendrecv"].entries()) {
    await site.phone.inDialog("UPDATE", answer, { cseq: index + 2, body: sdp([direction]) });
    versions.push(/^o=- [0-9]+ ([0-9]+) /m.exec(bodyOf(await site.phone.response(200)))?.[1] ?? "");
  }
  expect(versions).toEqual(["1", "2", "2", "3"]);
});

test("a re-INVITE that we cannot speak is 488, and the call goes on", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  const fax = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=image 4000 udptl t38\r\n";
  await site.phone.inDialog("INVITE", answer, { cseq: 2, body: fax });
  await site.phone.response(488);
  await site.phone.inDialog("ACK", answer, { cseq: 2 });
  await site.phone.inDialog("INVITE", answer, { cseq: 3, body: sdp() });
  await site.phone.response(200);
  await site.phone.inDialog("ACK", answer, { cseq: 3 });
  await leg.hangup("normal");
  await site.phone.requested("BYE");
});

test("a re-INVITE before the ACK of the last is 491, one before the first answer is 500", async () => {
  await using site = await openSite();
  await site.phone.invite();
  const leg = await next(site.box);
  const ringing = await site.phone.response(180);
  await site.phone.inDialog("INVITE", ringing, { cseq: 2, body: sdp() });
  expect(headerOf(await site.phone.response(500), "retry-after")).toBeDefined();
  await leg.answer();
  const answer = await site.phone.response(200);
  await site.phone.inDialog("INVITE", answer, { cseq: 3, body: sdp() });
  await site.phone.response(491);
});

test("a request older than the last is 500, one of an unknown dialog 481", async () => {
  await using site = await openSite();
  const { answer } = await talking(site);
  await site.phone.inDialog("OPTIONS", answer, { cseq: 9 });
  await site.phone.response(200);
  await site.phone.inDialog("INFO", answer, { cseq: 8 });
  await site.phone.response(500);
  await site.phone.request("BYE", { to: "<sip:8000@box.example>;tag=nobody", cseq: 10 });
  await site.phone.response(481);
});

test("keys come by INFO in every spelling", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  const info = async (cseq: number, type: string, body: string) => {
    await site.phone.inDialog("INFO", answer, { cseq, body, headers: [`Content-Type: ${type}`] });
    await site.phone.response(200);
  };
  await info(2, "application/dtmf-relay", "Signal=5\r\nDuration=160\r\n");
  await info(3, "application/dtmf-relay", "Signal= 11\r\nDuration= 160\r\n");
  await info(4, "application/dtmf", "7");
  const keys: string[] = [];
  for await (const digit of leg.digits) if (keys.push(digit) === 3) break;
  expect(keys).toEqual(["5", "#", "7"]);
});

test.for([
  ["busy", 486],
  ["rejected", 603],
  ["no-answer", 480],
  ["unreachable", 404],
  ["failed", 500],
] as const)("a leg refused as %s is %d on the wire", async ([cause, status]) => {
  await using site = await openSite();
  await site.phone.invite();
  const leg = await next(site.box);
  await leg.hangup(cause);
  await site.phone.response(status);
  expect(await leg.ended).toBe(cause);
});

test("an offer with video and audio gets the audio, the video is refused with port 0", async () => {
  await using site = await openSite();
  await site.phone.invite({ body: `${sdp()}m=video 4002 RTP/AVP 31\r\n` });
  const leg = await next(site.box);
  await leg.answer();
  expect(bodyOf(await site.phone.response(200))).toContain("m=video 0 RTP/AVP 31\r\n");
});

test.for([
  ["video alone", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 4002 RTP/AVP 31\r\n"],
  ["T.38", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=image 4002 udptl t38\r\n"],
  ["codecs that are not ours", sdp().replace("0 8 96", "3 18")],
  ["SRTP", sdp().replace("RTP/AVP", "RTP/SAVP")],
  ["no SDP at all", "hello"],
])("an offer of %s is 488 before it rings", async ([, body]) => {
  await using site = await openSite();
  await site.phone.invite({ body: body ?? "" });
  await site.phone.response(488);
});

test("an RTP session is opened for each call and closed with it", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  await site.phone.inDialog("BYE", answer, { cseq: 2, headers: ["Reason: Q.850;cause=17"] });
  expect([await leg.ended, site.ports.length]).toEqual(["busy", 1]);
  for (const port of site.ports) for await (const _ of port.frames);
});

test("when no RTP port is free the call is refused with 503", async () => {
  const rtp = { open: () => Promise.reject(new Error("none free")) };
  await using box = await openSipEndpoint(
    { listen: { host: "127.0.0.1", port: 0 } },
    { clock: systemClock, log: silentLog, rtp },
  );
  await using phone = await WirePeer.open(box.address.udpPort);
  await phone.invite();
  await phone.response(503);
});

test("a call that rings for five minutes is ended", async () => {
  await using site = await openSite();
  await site.phone.invite();
  const leg = await next(site.box);
  await site.clock.advance(300_000);
  await site.phone.response(480);
  expect(await leg.ended).toBe("no-answer");
});

test("every message is told as it went over the wire, malformed ones too", async () => {
  const wire: WireMessage[] = [];
  const rtp = plainRtpPorts(systemClock);
  await using box = await openSipEndpoint(
    { listen: { host: "127.0.0.1", port: 0 } },
    { clock: systemClock, log: silentLog, rtp, onWire: (message) => void wire.push(message) },
  );
  await using phone = await WirePeer.open(box.address.udpPort);
  await phone.write("OPTIONS sip:box SIP/2.0\r\ni: broken\r\n\r\n");
  await phone.request("OPTIONS", { callId: "whole", headers: [SDP_HEADER] });
  await phone.response(200);
  const ends = { transport: "udp", local: `127.0.0.1:${box.address.udpPort}`, remote: `127.0.0.1:${phone.port}` };
  expect(wire).toMatchObject([
    { direction: "in", wireId: "broken", ...ends },
    { direction: "in", wireId: "whole", ...ends },
    { direction: "out", wireId: "whole", ...ends },
  ]);
  expect(Buffer.from(wire[2]?.bytes ?? []).toString()).toMatch(/^SIP\/2.0 200 OK\r\n/);
});

test("after a call, refused or talked through, no timer is left", async () => {
  await using site = await openSite();
  const { leg, answer } = await talking(site);
  await site.phone.inDialog("INVITE", answer, { cseq: 2, body: sdp(["a=sendonly"]) });
  await site.phone.response(200);
  await site.phone.inDialog("ACK", answer, { cseq: 2 });
  await site.phone.inDialog("BYE", answer, { cseq: 3 });
  await leg.ended;
  await site.phone.response(200);
  await site.phone.invite({ callId: "refused" });
  await (await next(site.box)).hangup("busy");
  await site.phone.response(486);
  await site.clock.advance(200_000);
  expect(site.clock.pending).toBe(0);
});

test("the proxies that want to stay on the way of the dialog are in every answer that opens it", async () => {
  await using site = await openSite();
  const routes = ["Record-Route: <sip:a.example;lr>, <sip:b.example;lr>", "Record-Route: <sip:c.example;lr>"];
  await site.phone.invite({ headers: routes });
  const leg = await next(site.box);
  const way = ["<sip:a.example;lr>", "<sip:b.example;lr>", "<sip:c.example;lr>"];
  expect(listOf(await site.phone.response(180), "record-route")).toEqual(way);
  await leg.answer();
  expect(listOf(await site.phone.response(200), "record-route")).toEqual(way);
});
