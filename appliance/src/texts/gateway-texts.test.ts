import { once } from "node:events";
import { BoxConfig, GatewayLine, SiteConfig, TextsConfig } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { freePort } from "@sitebox/core/testing";
import { openGatewayLine } from "@sitebox/drivers/gateway";
import { FarNetwork, simulatedPort, YeastarDevice } from "@sitebox/drivers/gateway/testing";
import { openSipEndpoint } from "@sitebox/drivers/sip";
import { plainRtpPorts } from "@sitebox/drivers/sip/testing";
import { expect, test } from "vitest";
import { compileVocabulary } from "../dialog/index.ts";
import { LineRegistry, openLineConfigs, openLineUses } from "../lines/index.ts";
import { textLines } from "../text-lines.ts";
import { hotel, openHotel } from "../tickets/testing/index.ts";
import { openTexts, type Texts } from "./index.ts";

const HOST = "127.0.0.2";
const site = SiteConfig.parse({ ...hotel(), rooms: ["801-820"] });

test("a gateway at whose SIP port nothing is answers by its management at once, and its line stays down", async () => {
  await using opened = new AsyncDisposableStack();
  const network = new FarNetwork();
  const port = simulatedPort(1);
  const device = opened.use(await YeastarDevice.open({ network, ports: [port], host: HOST }));
  const { db, tickets } = opened.use(await openHotel({ site }));
  const deps = { db, clock: systemClock, log: silentLog };
  const sip = opened.use(
    await openSipEndpoint(
      { listen: { host: "127.0.0.1", port: 0 }, serviceNumbers: ["8000"] },
      { clock: systemClock, log: silentLog, rtp: plainRtpPorts(systemClock) },
    ),
  );
  const gateway = GatewayLine.parse({
    kind: "gateway",
    name: "rack",
    maker: "yeastar",
    host: HOST,
    sip: { port: await freePort(HOST), transport: "tcp" },
    management: { port: device.managementPort, password: "secret" },
    balanceHours: 0,
    ports: [{ port: 1, sim: { number: port.number, owner: "示范酒店", purpose: "报修" } }],
  });
  const config = { sip: BoxConfig.shape.sip.parse({}), lines: BoxConfig.shape.lines.parse({ list: [gateway] }) };
  const registry = opened.use(
    new LineRegistry({
      ...deps,
      configs: await openLineConfigs({ ...deps, config }),
      uses: opened.use(await openLineUses({ ...deps, timeZone: site.timeZone })),
      open: (_, lineDeps) => openGatewayLine(gateway, { ...lineDeps, sip, textGapMs: 0 }),
      onText: (line, text) => texts.take(line, text),
      onReport: (line, report) => texts.report(line, report),
    }),
  );
  const texts: Texts = opened.use(
    await openTexts({
      ...deps,
      config: TextsConfig.parse({}),
      site,
      vocabulary: compileVocabulary(site),
      tickets,
      lines: textLines(registry, config),
    }),
  );
  registry.events.on("lineChanged", () => texts.lineChanged());
  registry.start();
  const down = () => registry.lines()[0]?.state === "down" && registry.lines()[0]?.ports !== undefined;
  while (!down()) await once(registry.events, "lineChanged");

  await device.comeIn({ port: 1, from: network.far, text: "806空调坏了" });
  const answer = await network.received();
  const [ticket] = await tickets.list();
  expect(ticket).toMatchObject({ channel: "sms", place: "806", item: "空调", callerNumber: network.far });
  expect(answer).toContain(ticket?.number);
  expect(registry.lines()[0]?.state).toBe("down");
});
