import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sipUri } from "../parser/index.ts";
import { type NameServer, nameServer } from "../testing/index.ts";
import { openNames } from "./index.ts";
import { inOrder, Locator } from "./locate.ts";

interface Site extends Disposable {
  readonly clock: VirtualClock;
  readonly locator: Locator;
}

function siteAt({ address }: NameServer): Site {
  const clock = new VirtualClock();
  const names = openNames([address]);
  return {
    clock,
    locator: new Locator({ clock, log: silentLog, names, families: [4] }),
    [Symbol.dispose]: () => names[Symbol.dispose](),
  };
}

const service = (host: string, more: Partial<{ priority: number; weight: number; port: number }> = {}) => ({
  priority: 10,
  weight: 0,
  port: 5_060,
  host,
  ...more,
});

test("the hosts of a service come by priority, each with its port", async () => {
  await using dns = await nameServer();
  using site = siteAt(dns);
  dns.srv.set("_sip._udp.carrier.example", [
    service("b.carrier.example", { priority: 20, port: 5_070 }),
    service("a.carrier.example", { priority: 10, port: 5_080 }),
  ]);
  dns.a.set("a.carrier.example", ["192.0.2.1"]).set("b.carrier.example", ["192.0.2.2", "192.0.2.3"]);
  expect(await site.locator.locate(sipUri("carrier.example"))).toEqual([
    { transport: "udp", host: "192.0.2.1", port: 5_080 },
    { transport: "udp", host: "192.0.2.2", port: 5_070 },
    { transport: "udp", host: "192.0.2.3", port: 5_070 },
  ]);
});

test("TLS has a service of its own, and the name that was asked for is what the certificate has to prove", async () => {
  await using dns = await nameServer();
  using site = siteAt(dns);
  dns.srv.set("_sips._tcp.carrier.example", [service("a.carrier.example", { port: 5_061 })]);
  dns.a.set("a.carrier.example", ["192.0.2.1"]);
  expect(await site.locator.locate(sipUri("carrier.example", { transport: "tls" }))).toEqual([
    { transport: "tls", host: "192.0.2.1", port: 5_061, name: "carrier.example" },
  ]);
});

test("a port leaves the services out, a missing service means the usual port", async () => {
  await using dns = await nameServer();
  using site = siteAt(dns);
  dns.a.set("pbx.example", ["192.0.2.9"]);
  expect(await site.locator.locate(sipUri("pbx.example", { port: 5_099 }))).toMatchObject([{ host: "192.0.2.9", port: 5_099 }]);
  expect(dns.asked).toEqual(["A pbx.example"]);
  expect(await site.locator.locate(sipUri("pbx.example", { transport: "tcp" }))).toEqual([
    { transport: "tcp", host: "192.0.2.9", port: 5_060 },
  ]);
});

test("a name that does not exist, and a service that its domain denies, have no place", async () => {
  await using dns = await nameServer();
  using site = siteAt(dns);
  await expect(site.locator.locate(sipUri("nobody.example"))).rejects.toThrow("the name nobody.example has no address");
  dns.srv.set("_sip._udp.denied.example", [service(".", { port: 0 })]);
  await expect(site.locator.locate(sipUri("denied.example"))).rejects.toThrow("no address");
});

test("while no name server answers, the last known address is used, and asked for again later", async () => {
  await using dns = await nameServer();
  using site = siteAt(dns);
  dns.a.set("pbx.example", ["192.0.2.9"]);
  const uri = sipUri("pbx.example", { port: 5_060 });
  const known = [{ transport: "udp", host: "192.0.2.9", port: 5_060 }];
  expect(await site.locator.locate(uri)).toEqual(known);
  dns.silent = true;
  expect(await site.locator.locate(uri)).toEqual(known);
  const asked = dns.asked.length;
  expect(await site.locator.locate(uri)).toEqual(known);
  expect(dns.asked).toHaveLength(asked);

  dns.silent = false;
  dns.a.set("pbx.example", ["192.0.2.10"]);
  await site.clock.advance(30_000);
  expect(await site.locator.locate(uri)).toMatchObject([{ host: "192.0.2.10" }]);
});

test("an address that was taken away is not used any more", async () => {
  await using dns = await nameServer();
  using site = siteAt(dns);
  dns.a.set("pbx.example", ["192.0.2.9"]);
  const uri = sipUri("pbx.example", { port: 5_060 });
  await site.locator.locate(uri);
  dns.a.delete("pbx.example");
  await expect(site.locator.locate(uri)).rejects.toThrow("no address");
});

test("every way is tried once, lower priorities first, and weights decide by chance in proportion", () => {
  const records = fc.array(fc.record({ priority: fc.nat(3), weight: fc.nat(3), host: fc.string(), port: fc.nat(9) }));
  fc.assert(
    fc.property(records, fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })), (given, chance) => {
      const ordered = inOrder(given, () => chance.next().value);
      expect(ordered.toSorted(byAll)).toEqual(given.toSorted(byAll));
      expect(ordered.map(({ priority }) => priority)).toEqual(given.map(({ priority }) => priority).toSorted((a, b) => a - b));
    }),
  );
  const [heavy, light] = [service("heavy", { weight: 3 }), service("light", { weight: 1 })];
  const firsts = [0, 0.2, 0.3, 0.5, 0.9].map((lot) => inOrder([heavy, light], () => lot)[0]?.host);
  expect(firsts).toEqual(["light", "light", "heavy", "heavy", "heavy"]);
});

const byAll = (a: object, b: object) => JSON.stringify(a).localeCompare(JSON.stringify(b));
