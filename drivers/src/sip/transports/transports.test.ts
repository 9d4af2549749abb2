import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test, vi } from "vitest";
import { responseTo, type SipMessage } from "../parser/index.ts";
import { testAuthority } from "../testing/index.ts";
import { openEnd, optionsTo } from "./ends.testing.ts";
import type { Peer } from "./index.ts";

const authority = await testAuthority();

test.each(["udp", "tcp", "tls"] as const)("IPv6 over %s: a request arrives and its answer comes back", async (transport) => {
  const identity = await authority.issue({ names: [{ type: "ip", value: "::1" }] });
  const config = { host: "::1", authorities: authority.certificate, tls: { port: 0, ...identity } };
  await using a = await openEnd(config);
  await using b = await openEnd(config);
  const port = { udp: b.transports.udpPort, tcp: b.transports.tcpPort, tls: b.transports.tlsPort ?? 0 }[transport];
  const place: Peer = { transport, host: "::1", port };
  await a.transports.send(await optionsTo(place, a.transports), place);
  const { message, peer } = await b.arrival();
  if (message.type !== "request") throw new Error("no request");
  expect(message.vias[0]).toMatchObject({ host: "::1" });
  await b.transports.send(responseTo(message, 200), peer);
  expect((await a.arrival()).message).toMatchObject({ status: 200 });
});

test("a socket for both families takes IPv4 as IPv4", async () => {
  await using a = await openEnd({ host: "::" });
  await using b = await openEnd();
  const place: Peer = { transport: "udp", host: "127.0.0.1", port: b.transports.udpPort };
  await a.transports.send(await optionsTo(place, a.transports), place);
  const { message, peer } = await b.arrival();
  expect(peer.host).toBe("127.0.0.1");
  if (message.type === "request") await b.transports.send(responseTo(message, 200), peer);
  expect((await a.arrival()).peer.host).toBe("127.0.0.1");
});

test("a request too long for a datagram goes over TCP, and all that belongs to it", async () => {
  await using a = await openEnd();
  await using b = await openEnd();
  const place: Peer = { transport: "udp", host: "127.0.0.1", port: b.transports.tcpPort };
  const long = await optionsTo(place, a.transports, 1_300);
  await a.transports.send(long, place);
  // What the transaction repeats is not sent again.
  await a.transports.send(long, place);
  await a.transports.send({ ...long, method: "CANCEL", cseq: { number: 1, method: "CANCEL" }, headers: [] }, place);
  const [first, second] = [await b.arrival(), await b.arrival()];
  expect(first.message).toMatchObject({ method: "OPTIONS", vias: [{ transport: "TCP", port: a.transports.tcpPort }] });
  expect(second.message).toMatchObject({ method: "CANCEL", vias: [{ transport: "TCP" }] });
  expect(second.peer).toEqual(first.peer);
});

test("where the peer has no TCP, a long request goes as a datagram after all", async () => {
  await using a = await openEnd();
  await using b = await openEnd();
  const place: Peer = { transport: "udp", host: "127.0.0.1", port: b.transports.udpPort };
  for (const sent of [await optionsTo(place, a.transports, 1_300), await optionsTo(place, a.transports, 1_400)]) {
    await a.transports.send(sent, place);
    const { message, peer } = await b.arrival();
    expect([peer.transport, message.vias[0]?.transport]).toEqual(["udp", "UDP"]);
  }
});

test("an answer whose connection is gone goes to where the Via says", async () => {
  await using server = await openEnd();
  const back = createServer();
  back.listen(0, "127.0.0.1");
  await once(back, "listening");
  const address = back.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const arrived = once(back, "connection").then(async ([socket]) => String((await once(socket, "data"))[0]));
  {
    await using client = await openEnd();
    const place: Peer = { transport: "tcp", host: "127.0.0.1", port: server.transports.tcpPort };
    const request = await optionsTo(place, client.transports);
    await client.transports.send({ ...request, vias: request.vias.map((via) => ({ ...via, port })) }, place);
  }
  const { message, peer } = await server.arrival();
  if (message.type !== "request") throw new Error("no request");
  await vi.waitUntil(() => !server.transports.connected(peer));
  await server.transports.send(responseTo(message, 200), peer);
  expect(await arrived).toMatch(/^SIP\/2.0 200 OK/);
  back.close();
});

test("what cannot be reached is said in words", async () => {
  await using a = await openEnd();
  const nobody = createServer();
  nobody.listen(0, "127.0.0.1");
  await once(nobody, "listening");
  const address = nobody.address();
  nobody.close();
  await once(nobody, "close");
  const port = typeof address === "object" && address ? address.port : 0;
  const place: Peer = { transport: "tcp", host: "127.0.0.1", port };
  const message: SipMessage = await optionsTo(place, a.transports);
  await expect(a.transports.send(message, place)).rejects.toThrow();
  expect(a.transports.failureOf(place)).toBe(`127.0.0.1 port ${port}: the connection was refused`);
});
