import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { noParams, responseTo, sipUri } from "../parser/index.ts";
import { type CertificateWishes, testAuthority } from "../testing/index.ts";
import { type End, openEnd, optionsTo } from "./ends.testing.ts";
import type { Peer, TransportsConfig } from "./index.ts";
import { identityFault } from "./tls.ts";

const authority = await testAuthority();
const LOOPBACK: CertificateWishes = { names: [{ type: "ip", value: "127.0.0.1" }] };

async function listening(wishes: CertificateWishes = LOOPBACK, more: Partial<TransportsConfig["tls"]> = {}): Promise<End> {
  const identity = await authority.issue(wishes);
  return openEnd({ authorities: authority.certificate, tls: { port: 0, ...identity, ...more } });
}

const placeOf = (end: End, name?: string): Peer => ({
  transport: "tls",
  host: "127.0.0.1",
  port: end.transports.tlsPort ?? 0,
  ...(name !== undefined && { name }),
});

test("a request goes over TLS and its answer comes back over the same connection", async () => {
  await using server = await listening();
  await using client = await openEnd({ authorities: authority.certificate });
  const place = placeOf(server);
  const request = await optionsTo(place, client.transports);
  await client.transports.send(request, place);
  const { message, peer } = await server.arrival();
  if (message.type !== "request") throw new Error("no request");
  expect([peer.transport, message.vias[0]?.transport]).toEqual(["tls", "TLS"]);
  await server.transports.send(responseTo(message, 200), peer);
  expect((await client.arrival()).message).toMatchObject({ type: "response", status: 200 });
  expect(client.transports.failureOf(place)).toBeUndefined();
});

test("both ways of a connection are used: what the server asks later needs no second one", async () => {
  await using server = await listening();
  await using client = await openEnd({ authorities: authority.certificate });
  const place = placeOf(server);
  await client.transports.send(await optionsTo(place, client.transports), place);
  const { peer } = await server.arrival();
  expect(server.transports.connected(peer)).toBe(true);
  await server.transports.send(await optionsTo(peer, server.transports), peer);
  expect((await client.arrival()).peer).toEqual({ transport: "tls", host: "127.0.0.1", port: server.transports.tlsPort });
});

test.each([
  [
    "another name",
    { names: [{ type: "dns", value: "other.example" }] },
    "carrier.example",
    "the certificate is for other.example",
  ],
  ["no longer valid", { ...LOOPBACK, expired: true }, undefined, "its certificate has expired"],
] satisfies [string, CertificateWishes, string | undefined, string][])(
  "a certificate for %s is refused, and why is known",
  async (_what, wishes, name, reason) => {
    await using server = await listening(wishes);
    await using client = await openEnd({ authorities: authority.certificate });
    const place = placeOf(server, name);
    await expect(client.transports.send(await optionsTo(place, client.transports), place)).rejects.toThrow();
    expect(client.transports.failureOf(place)).toContain(reason);
  },
);

test("a certificate of an authority that nobody knows is refused", async () => {
  await using server = await listening();
  await using client = await openEnd();
  const place = placeOf(server);
  await expect(client.transports.send(await optionsTo(place, client.transports), place)).rejects.toThrow();
  expect(client.transports.failureOf(place)).toContain("unknown authority");
});

test("where a client's certificate is asked for, one of another authority is not let in, and ours is", async () => {
  await using server = await listening(LOOPBACK, { requireClientCertificate: true });
  const place = placeOf(server);
  const strange = await (await testAuthority("Another")).issue(LOOPBACK);
  const socket = connectTls({
    host: place.host,
    port: place.port,
    ca: authority.certificate,
    cert: strange.certificate,
    key: strange.key,
  });
  await once(socket, "close").catch(() => {});
  expect(server.logged.join()).toContain("a TLS connection was refused");

  const known = await authority.issue(LOOPBACK);
  await using client = await openEnd({ authorities: authority.certificate, tls: { port: 0, ...known } });
  await client.transports.send(await optionsTo(place, client.transports), place);
  expect((await server.arrival()).message).toMatchObject({ method: "OPTIONS" });
});

test("a renewed certificate is shown to the next connection", async () => {
  await using server = await listening({ names: [{ type: "dns", value: "old.example" }] });
  server.transports.renew(await authority.issue({ names: [{ type: "dns", value: "new.example" }] }));
  await using client = await openEnd({ authorities: authority.certificate });
  const place = placeOf(server, "new.example");
  await client.transports.send(await optionsTo(place, client.transports), place);
  expect((await server.arrival()).peer.transport).toBe("tls");
});

/** A listening end whose time the test moves. */
async function timed(): Promise<{ end: End; clock: VirtualClock }> {
  const clock = new VirtualClock();
  const identity = await authority.issue(LOOPBACK);
  return { clock, end: await openEnd({ tls: { port: 0, ...identity } }, { clock }) };
}

/** Moves the time on until the far end has closed the connection. */
async function closedBy(clock: VirtualClock, socket: Socket): Promise<void> {
  const closed = once(socket, "close").then(() => true);
  while (!(await Promise.race([closed, clock.advance(1_000).then(() => false)])));
}

test.each(["tcpPort", "tlsPort"] as const)("whoever connects and says nothing is put out (%s)", async (port) => {
  const { end, clock } = await timed();
  await using _end = end;
  const socket = connect(end.transports[port] ?? 0, "127.0.0.1");
  await once(socket, "connect");
  await closedBy(clock, socket);
  expect(clock.pending).toBe(0);
});

test("one address does not get every connection", async () => {
  await using server = await openEnd();
  const port = server.transports.tcpPort;
  const sockets = Array.from({ length: 201 }, () => connect(port, "127.0.0.1"));
  await Promise.any(sockets.map((socket) => once(socket.on("error", () => {}).resume(), "close")));
  expect(sockets.filter(({ closed }) => !closed).length).toBe(200);
  for (const socket of sockets) socket.destroy();
});

test("two empty lines are answered with one", async () => {
  await using server = await listening();
  const { host, port } = placeOf(server);
  const socket = connectTls({ host, port, ca: authority.certificate });
  await once(socket, "secureConnect");
  socket.write("\r\n\r\n");
  const [bytes] = await once(socket, "data");
  expect(String(bytes)).toBe("\r\n");
  socket.destroy();
});

test.each([
  ["DNS:a.example, DNS:b.example", "B.example", true],
  ["DNS:*.example", "a.example", false],
  ["DNS:a.example, URI:sip:b.example", "a.example", false],
  ["DNS:a.example, URI:sip:b.example", "b.example", true],
  ["URI:sip:alice@b.example", "b.example", false],
  ["IP Address:192.0.2.1", "192.0.2.1", true],
  ["IP Address:192.0.2.1", "192.0.2.2", false],
  ["", "common.example", true],
  ["DNS:a.example", "common.example", false],
])("RFC 5922: %j stands for %s: %s", (subjectaltname, name, right) => {
  const subject = { CN: "common.example" } as Parameters<typeof identityFault>[1]["subject"];
  expect(identityFault(name, { subject, subjectaltname }) === undefined).toBe(right);
});

test("a sips URI and transport=tls lead to TLS", async () => {
  await using end = await openEnd();
  const sips = { ...sipUri("192.0.2.1"), scheme: "sips" as const };
  const peer = { transport: "tls", host: "192.0.2.1", port: 5061, name: "192.0.2.1" };
  expect(await end.transports.locate(sips)).toEqual([peer]);
  expect(await end.transports.locate({ ...sipUri("192.0.2.1"), params: new Map([["transport", "TLS"]]) })).toEqual([peer]);
  expect(await end.transports.locate({ ...sipUri("192.0.2.1"), params: noParams })).toMatchObject([
    { transport: "udp", port: 5060 },
  ]);
});
