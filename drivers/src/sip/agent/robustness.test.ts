import { once } from "node:events";
import { connect } from "node:net";
import { type Log, silentLog, systemClock } from "@sitebox/core/kernel";
import fc from "fast-check";
import { expect, test } from "vitest";
import { headerOf, listOf } from "../parser/index.ts";
import { plainRtpPorts, sdp, WirePeer } from "../testing/index.ts";
import { openSipEndpoint } from "./index.ts";
import { next, openSite } from "./site.testing.ts";

test("OPTIONS tells what is spoken here", async () => {
  await using site = await openSite();
  await site.phone.request("OPTIONS");
  const answer = await site.phone.response(200);
  expect(listOf(answer, "allow")).toEqual([
    "INVITE",
    "ACK",
    "CANCEL",
    "BYE",
    "OPTIONS",
    "REGISTER",
    "UPDATE",
    "INFO",
    "REFER",
    "PRACK",
    "SUBSCRIBE",
    "MESSAGE",
  ]);
  expect([headerOf(answer, "accept"), headerOf(answer, "supported"), headerOf(answer, "server")]).toEqual([
    "application/sdp, text/plain",
    "100rel, norefersub, replaces, timer",
    "Sitebox",
  ]);
});

test.for([
  ["a method that nobody knows", "DANCE", {}, 501, "allow"],
  ["a method that is not spoken here", "PUBLISH", {}, 405, "allow"],
  ["an extension that is required", "INVITE", { headers: ["Require: precondition, gruu"] }, 420, "unsupported"],
  ["a body of another type", "INVITE", { headers: ["Content-Type: text/plain"], body: "hello" }, 415, "accept"],
  ["a body without a type", "INVITE", { body: "hello" }, 415, "accept"],
  [
    "a body that is packed",
    "INVITE",
    { headers: ["Content-Type: application/sdp", "Content-Encoding: gzip"], body: "x" },
    415,
    "accept-encoding",
  ],
  ["a URI of another scheme", "INVITE", { uri: "tel:8000" }, 416, undefined],
  ["a secure URI, which needs TLS", "OPTIONS", { uri: "sips:8000@box" }, 416, undefined],
  ["no hops left", "INVITE", { headers: ["Max-Forwards: 0"] }, 483, undefined],
  ["no Contact in an INVITE", "INVITE", { headers: ["Content-Type: application/sdp"], body: sdp() }, 400, undefined],
  ["a BYE for no call", "BYE", {}, 481, undefined],
  ["an INFO for no call", "INFO", {}, 481, undefined],
] as const)("%s is refused in the right words", async ([, method, sending, status, header]) => {
  await using site = await openSite();
  await site.phone.request(method, sending);
  const refusal = await site.phone.response(status);
  if (header !== undefined) expect(headerOf(refusal, header)).toBeTruthy();
});

test("what is required and unknown is named", async () => {
  await using site = await openSite();
  await site.phone.request("OPTIONS", { headers: ["Require: precondition", "Require: replaces, gruu"] });
  expect(headerOf(await site.phone.response(420), "unsupported")).toBe("precondition, gruu");
});

test("more calls at once than are allowed are refused with 503", async () => {
  await using site = await openSite({ maxCalls: 1 });
  await site.phone.invite();
  await next(site.box);
  await site.phone.response(180);
  await site.phone.invite({ callId: "second" });
  await site.phone.response(503);
});

test("garbage is logged once for its source, and the box goes on", async () => {
  const warnings: unknown[] = [];
  const log: Log = { ...silentLog, child: () => log, warn: (message, fields) => void warnings.push([message, fields?.source]) };
  await using box = await openSipEndpoint(
    { listen: { host: "127.0.0.1", port: 0 } },
    { clock: systemClock, log, rtp: plainRtpPorts(systemClock) },
  );
  await using phone = await WirePeer.open(box.address.udpPort);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 5, maxLength: 200 }), async (bytes) => {
      await phone.write(bytes);
    }),
  );
  await phone.request("OPTIONS");
  await phone.response(200);
  expect(warnings).toEqual([["malformed SIP message", { transport: "udp", host: "127.0.0.1", port: phone.port }]]);
});

test("a malformed request is answered with 400", async () => {
  await using site = await openSite();
  await site.phone.request("OPTIONS", { headers: ["Max-Forwards: many"] });
  await site.phone.response(400);
});

test("a TCP stream that is no SIP is closed, and a ping is answered", async () => {
  await using site = await openSite();
  const stream = connect(site.box.address.tcpPort, "127.0.0.1");
  await once(stream, "connect");
  stream.write("\r\n\r\n");
  const [pong] = (await once(stream, "data")) as [Buffer];
  expect(pong.toString()).toBe("\r\n");
  stream.write("GET / HTTP/1.1\r\nHost: box\r\n\r\n");
  await once(stream, "close");
});

test("closing during a call says BYE and closes the sockets", async () => {
  const rtp = plainRtpPorts(systemClock);
  const box = await openSipEndpoint({ listen: { host: "127.0.0.1", port: 0 } }, { clock: systemClock, log: silentLog, rtp });
  await using phone = await WirePeer.open(box.address.udpPort);
  await phone.invite();
  const leg = await next(box);
  await leg.answer();
  const answer = await phone.response(200);
  await phone.inDialog("ACK", answer);
  await phone.invite({ callId: "ringing" });
  await phone.response(180);
  const closing = box[Symbol.asyncDispose]();
  const messages = [await phone.next(), await phone.next()];
  const bye = messages.find((message) => message.type === "request");
  const said = messages.map((message) => (message.type === "request" ? message.method : message.status));
  expect(new Set(said)).toEqual(new Set([480, "BYE"]));
  if (bye?.type === "request") await phone.respond(bye, 200);
  await closing;
  const again = await openSipEndpoint(
    { listen: { host: "127.0.0.1", port: box.address.udpPort } },
    { clock: systemClock, log: silentLog, rtp },
  );
  await again[Symbol.asyncDispose]();
});

test("a port that is taken is an error at the start, and nothing stays open", async () => {
  await using site = await openSite();
  const deps = { clock: systemClock, log: silentLog, rtp: plainRtpPorts(systemClock) };
  await expect(openSipEndpoint({ listen: { host: "127.0.0.1", port: site.box.address.udpPort } }, deps)).rejects.toMatchObject({
    code: "EADDRINUSE",
  });
});
