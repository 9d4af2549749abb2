import { silentLog, systemClock } from "@sitebox/core/kernel";
import { freePort } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { until } from "../line/testing/index.ts";
import { openGatewayLine } from "./index.ts";
import { GATEWAY_HOST, openYeastarRig } from "./rig.testing.ts";
import { simulatedPort } from "./testing/index.ts";

test("texts go where nothing is at the gateway's SIP port, and wait for its management", async () => {
  await using rig = await openYeastarRig({ ports: [simulatedPort(1)] });
  await rig.line[Symbol.asyncDispose]();
  const { box: sip, config } = rig;
  const withoutSip = { ...config, sip: { port: await freePort(GATEWAY_HOST), transport: "tcp" as const } };
  await using line = await openGatewayLine(withoutSip, { clock: systemClock, log: silentLog, sip, textGapMs: 0 });
  expect(line.texts?.ready).toBe(false);
  const down = await until(line, ({ state, ports }) => state === "down" && ports !== undefined);
  expect(down.ports).toMatchObject([{ state: "idle" }]);
  expect(line.texts?.ready).toBe(true);
  expect(await line.texts?.send(rig.network.far, "到了", { signal: AbortSignal.timeout(8_000) })).toMatchObject({ type: "sent" });
  rig.device.misbehave("hang-up");
  rig.device.hangUp();
  await until(line, ({ ports }) => ports === undefined);
  expect(line.texts?.ready).toBe(false);
});
