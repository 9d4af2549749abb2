import { once } from "node:events";
import { LineConfig } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import type { Leg, Trunk } from "@sitebox/drivers/line";
import { openSipEndpoint, type SipEndpoint } from "@sitebox/drivers/sip";
import { expect, test } from "vitest";
import { plannedSite } from "../calls/plan/testing/index.ts";
import { openMedia } from "../media/index.ts";
import { LineDialler, type LineSource, Lines, lineKinds, onlyLines } from "./index.ts";
import { openLinesSite } from "./testing/index.ts";

const deps = { clock: systemClock, log: silentLog };
const soon = () => AbortSignal.timeout(10_000);

async function next(trunk: Trunk): Promise<Leg> {
  for await (const leg of trunk.incoming) return leg;
  throw new Error("closed without a call");
}

/** A box with two lines that take one call each, each to a far end of its own. */
async function openSite() {
  await using opening = new AsyncDisposableStack();
  const media = opening.use(await openMedia({ ...deps, rtpPortRange: { first: 41_000, last: 41_400 } }));
  const far = (host: string) => openSipEndpoint({ listen: { host, port: 0 }, allowAnonymous: true }, { ...deps, rtp: media.rtp });
  const gateway = opening.use(await far("127.0.0.3"));
  const carrier = opening.use(await far("127.0.0.4"));
  const lineTo = (name: string, end: SipEndpoint) => ({ name, host: end.address.host, port: end.address.udpPort, maxCalls: 1 });
  const trunks = [
    { ...lineTo("gateway", gateway), outgoingRules: [{ match: "1(\\d\\d)", replace: "0$1" }] },
    lineTo("carrier", carrier),
  ];
  const box = opening.use(await openSipEndpoint({ listen: { host: "127.0.0.1", port: 0 }, trunks }, { ...deps, rtp: media.rtp }));
  const lines = opening.use(new Lines([box]));
  const { plan } = plannedSite({ outgoing: [{ name: "local", dialled: "9\\d{8}", strip: 1, lines: ["gateway", "carrier"] }] });
  const told: string[] = [];
  const dialler = new LineDialler({ ...deps, extensions: box, lines, numbers: plan.numbers });
  const dial = (number: string) =>
    dialler.dial(
      { type: "outside", number },
      { signal: soon(), onLine: (line) => told.push(line), onLineFailed: (line, reason) => told.push(`${line}: ${reason}`) },
    );
  const owned = opening.move();
  return { box, gateway, carrier, lines, dial, told, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test("calls go by the next SIP line when the first is full, and calls for help by a full one, unchanged", async () => {
  await using site = await openSite();
  const changes: string[] = [];
  site.lines.events.on("lineChanged", ({ name, calls }) => changes.push(`${name} ${calls}`));

  const first = site.dial("987654321");
  const atGateway = await next(site.gateway);
  expect(atGateway.dialled).toBe("87654321");
  await atGateway.answer();
  expect(await first).toMatchObject({ type: "answered", line: "gateway", leg: { line: "gateway" } });
  expect(changes).toContain("gateway 1");

  const second = site.dial("987654322");
  const atCarrier = await next(site.carrier);
  await atCarrier.answer();
  expect(await second).toMatchObject({ type: "answered", line: "carrier" });
  expect(site.told).toEqual(["gateway", "gateway: the line is full", "carrier"]);

  expect(await site.dial("987654323")).toEqual({ type: "unreachable", reason: "the line is full", line: "carrier" });

  const help = site.dial("110");
  const called = await next(site.gateway);
  expect(called.dialled).toBe("110");
  await called.answer();
  expect(await help).toMatchObject({ type: "answered", line: "gateway" });
});

test("a carrier that is added while the box runs takes and brings calls, and is gone when it is removed", async () => {
  await using site = await openSite();
  const usb = {
    modems: [],
    onChanged: () => ({ [Symbol.dispose]: () => {} }),
    powerCycle: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  await using added = await openLinesSite({ open: lineKinds({ sip: site.box, usb, cardHelper: "" }) });
  const { registry } = added;
  const { host, udpPort: port } = site.carrier.address;
  const line = LineConfig.parse({ kind: "sip", name: "second", host, port, maxCalls: 2, limits: { secondsBetweenCalls: 0 } });
  await registry.add(line);
  while (registry.driver("second") === undefined) await once(registry.events, "lineChanged");
  using lines = new Lines([onlyLines(siteLines(site.box), ["gateway", "carrier"]), registry]);
  expect(lines.states().map(({ name }) => name)).toEqual(["gateway", "carrier", "second"]);

  const dialling = lines.find("second")?.dial("87654321", { signal: soon() });
  const atCarrier = await next(site.carrier);
  await atCarrier.answer();
  expect(await dialling).toMatchObject({ type: "answered", leg: { line: "second" } });
  expect(registry.left("second")).toMatchObject({ callsThisHour: 59 });

  await registry.remove("second");
  expect(await atCarrier.ended).toBe("normal");
  expect(lines.states().map(({ name }) => name)).toEqual(["gateway", "carrier"]);
});

const siteLines = (sip: SipEndpoint): LineSource => ({
  lines: () => sip.lines(),
  line: (name) => sip.line(name),
  onLineChanged: (listener) => sip.onLineChanged(listener),
});
