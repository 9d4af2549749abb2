import { expect, test } from "vitest";
import type { SipConfigInput } from "../index.ts";
import { CARRIER_HOST, lineIs, next, openBox, openCarrier, soon } from "./rig.testing.ts";

type Trunk = NonNullable<SipConfigInput["trunks"]>[number];

const login = (port: number, more: Partial<Trunk> = {}): Trunk => ({
  name: "carrier",
  kind: "register",
  host: CARRIER_HOST,
  port,
  user: "8001",
  password: "secret",
  numbers: ["8001"],
  ...more,
});

const account = { number: "8001", password: "secret" };

test("a line logs in, calls go out and come in by it, and it logs out at the end", async () => {
  await using carrier = await openCarrier({ extensions: [account], digestAlgorithms: ["SHA-256", "MD5"] });
  {
    await using box = await openBox({ trunks: [login(carrier.address.udpPort)] });
    expect(await lineIs(box, "up")).toEqual({ name: "carrier", state: "up", calls: 0, maxCalls: 30 });
    const [registration] = carrier.registrations();
    expect(registration).toMatchObject({ number: "8001", source: { host: "127.0.0.1" } });

    const dialling = box.line("carrier").dial("13800138000", { signal: soon(), callerNumber: "8001" });
    const there = await next(carrier);
    expect([there.remote, there.dialled]).toEqual(["8001", "13800138000"]);
    await there.answer();
    const outcome = await dialling;
    if (outcome.type !== "answered") throw new Error(JSON.stringify(outcome));
    expect([outcome.leg.line, outcome.leg.remote, box.lines()[0]?.calls]).toEqual(["carrier", "13800138000", 1]);
    await outcome.leg.hangup("normal");
    expect(await there.ended).toBe("normal");

    const calling = carrier.dial("8001", { signal: soon(), callerNumber: "13911112222" });
    const here = await next(box);
    expect([here.line, here.remote, here.dialled]).toEqual(["carrier", "13911112222", "8001"]);
    await here.answer();
    const called = await calling;
    if (called.type !== "answered") throw new Error(called.type);
    await called.leg.hangup("normal");
    expect(await here.ended).toBe("normal");
  }
  expect(carrier.registrations()).toEqual([]);
});

test("a line with the wrong password is down and says so", async () => {
  await using carrier = await openCarrier({ extensions: [account] });
  await using box = await openBox({ trunks: [login(carrier.address.udpPort, { password: "guessed" })] });
  expect(await lineIs(box, "down")).toMatchObject({ fault: "login-refused", reason: "403 Forbidden" });
});
