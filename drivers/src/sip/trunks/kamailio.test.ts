import { freePort } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { kamailio, sipp } from "../testing/index.ts";
import { lineIs, next, openBox, openCarrier, soon } from "./rig.testing.ts";

for (const transport of ["udp", "tcp"] as const)
  test(`a line logs in at kamailio over ${transport}, calls out through it and is called`, async () => {
    await using outside = await openCarrier();
    const { host, udpPort } = outside.address;
    await using carrier = await kamailio({ password: "secret", outside: `${host}:${udpPort}` });
    const trunk = { name: "carrier", kind: "register", host: carrier.host, port: carrier.port, transport } as const;
    await using box = await openBox({ trunks: [{ ...trunk, user: "4001", password: "secret", numbers: ["02161234567"] }] });
    await carrier.during(lineIs(box, "up"));

    const dialling = box.line("carrier").dial("13800138000", { signal: soon() });
    const there = await carrier.during(next(outside));
    expect([there.remote, there.dialled]).toEqual(["02161234567", "13800138000"]);
    await there.answer();
    const outcome = await dialling;
    if (outcome.type !== "answered") throw new Error(JSON.stringify(outcome));
    await outcome.leg.hangup("normal");
    expect(await there.ended).toBe("normal");

    const calling = outside.dial(`sip:4001@${carrier.host}:${carrier.port}`, { signal: soon(), callerNumber: "13911112222" });
    const here = await next(box);
    expect([here.line, here.remote, here.dialled]).toEqual(["carrier", "13911112222", "02161234567"]);
    await here.answer();
    const called = await calling;
    if (called.type !== "answered") throw new Error(called.type);
    await here.hangup("normal");
    expect(await called.leg.ended).toBe("normal");
  });

test("calls through kamailio with SHA-256 reach sipp", async () => {
  const port = await freePort();
  await using phone = await sipp({ scenario: "uas", port });
  await using carrier = await kamailio({ password: "secret", algorithm: "SHA-256", outside: `127.0.0.1:${port}` });
  const trunk = { name: "carrier", kind: "register", host: carrier.host, port: carrier.port } as const;
  await using box = await openBox({ trunks: [{ ...trunk, user: "4001", password: "secret" }] });
  await carrier.during(lineIs(box, "up"));
  const outcome = await phone.during(box.line("carrier").dial("13800138000", { signal: soon() }));
  if (outcome.type !== "answered") throw new Error(JSON.stringify(outcome));
  await outcome.leg.hangup("normal");
  expect(await phone.exited).toBe(0);
});

test("with the wrong password the line is down and a call by it is refused for that", async () => {
  await using carrier = await kamailio({ password: "secret", outside: "127.0.0.1:9" });
  const trunk = { name: "carrier", kind: "register", host: carrier.host, port: carrier.port } as const;
  await using box = await openBox({ trunks: [{ ...trunk, user: "4001", password: "guessed" }] });
  expect(await carrier.during(lineIs(box, "down"))).toMatchObject({ reason: "wrong password" });
  expect(await box.line("carrier").dial("13800138000", { signal: soon() })).toEqual({
    type: "unreachable",
    reason: "wrong password",
  });
});
