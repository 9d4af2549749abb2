import { LineConfig } from "@sitebox/core/contract";
import { expect, test } from "vitest";
import { openLinesSite } from "./testing/index.ts";

const sim = { number: "13900000001", owner: "示范酒店", purpose: "报修" };
const gateway = {
  kind: "gateway",
  name: "gw",
  maker: "yeastar",
  host: "192.0.2.5",
  sip: { user: "box", password: "sip-secret" },
  management: { port: 5038, password: "management-secret" },
  ports: [{ port: 1, sim }],
};
const carrier = { kind: "sip", name: "carrier", host: "sip.example", login: "register", user: "box", password: "carrier-secret" };
const modem = { kind: "gsm", name: "modem", sim: { ...sim, number: "13900000002" }, usbPath: "1-1", pin: "1234" };

/** What a page sends that shows no secrets; `over` is put over it. */
const seen = (line: typeof gateway, over: object = {}) => ({
  ...line,
  sip: { user: "box" },
  management: { port: 5038 },
  ...over,
});
const without = (line: object, secret: string) => Object.fromEntries(Object.entries(line).filter(([key]) => key !== secret));

test("a kept password is not sent to another address: it is asked for again, and nothing is changed before", async () => {
  await using site = await openLinesSite();
  const { registry } = site;
  await registry.add(LineConfig.parse(gateway));
  const password = (path: string) => ({ path, code: "secret-for-elsewhere" });
  for (const [change, paths] of [
    [{ host: "198.51.100.1" }, ["sip.password", "management.password"]],
    [{ management: { port: 5039 } }, ["management.password"]],
    [{ management: { port: 5038, tls: true } }, ["management.password"]],
    [{ management: {} }, ["management.password"]],
    [{ maker: "dinstar" }, ["management.password"]],
    [{ sip: { user: "box", port: 5070 } }, ["sip.password"]],
    [{ sip: { user: "box", transport: "tcp" } }, ["sip.password"]],
    [{ host: "198.51.100.1", management: { port: 5038, password: "anew" } }, ["sip.password"]],
  ] as const)
    await expect(registry.change("gw", seen(gateway, change))).rejects.toMatchObject({
      fault: "invalid",
      code: "line-secret-needed",
      issues: paths.map(password),
    });
  expect(registry.setUp("gw")?.config).toMatchObject(gateway);

  // What does not decide where it goes leaves it as it is, and who states it again may send it anywhere.
  await registry.change("gw", seen(gateway, { balanceHours: 0, management: { port: 5038, pollSeconds: 9 } }));
  expect(registry.setUp("gw")?.config).toMatchObject({
    ...gateway,
    management: { password: "management-secret", pollSeconds: 9 },
  });
  await registry.change("gw", { ...gateway, host: "198.51.100.1" });
  expect(registry.setUp("gw")?.config).toMatchObject({ host: "198.51.100.1" });
});

test("so is a carrier's password, and a PIN goes with its SIM to another socket", async () => {
  await using site = await openLinesSite();
  const { registry } = site;
  await registry.add(LineConfig.parse(carrier));
  await registry.add(LineConfig.parse(modem));
  for (const change of [{ host: "other.example" }, { port: 5070 }, { transport: "tls" }])
    await expect(registry.change("carrier", { ...without(carrier, "password"), ...change })).rejects.toMatchObject({
      code: "line-secret-needed",
      issues: [{ path: "password" }],
    });
  await registry.change("carrier", { ...without(carrier, "password"), maxCalls: 4 });
  expect(registry.setUp("carrier")?.config).toMatchObject({ password: "carrier-secret", maxCalls: 4 });
  await registry.change("modem", { ...without(modem, "pin"), usbPath: "1-2" });
  expect(registry.setUp("modem")?.config).toMatchObject({ pin: "1234", usbPath: "1-2" });
});

test("nothing is kept for a line that becomes one of another kind", async () => {
  await using site = await openLinesSite();
  const { registry } = site;
  await registry.add(LineConfig.parse(carrier));
  await registry.change("carrier", { ...without(modem, "pin"), name: "carrier" });
  expect(registry.setUp("carrier")?.config).not.toHaveProperty("password");
});
