import { expect, test } from "vitest";
import type { LineState, Traffic } from "../../line/index.ts";
import { CARRIER_HOST, lineIs, next, openBox, openCarrier, soon } from "./rig.testing.ts";

const account = { number: "8001", password: "secret" };
const login = (name: string, port: number) => ({
  name,
  kind: "register" as const,
  host: CARRIER_HOST,
  port,
  user: "8001",
  password: "secret",
  numbers: ["8001"],
});

test("a line that is added while calls are up logs in, dials, and its calls come in under its name", async () => {
  await using first = await openCarrier({ extensions: [account] });
  await using second = await openCarrier({ extensions: [account] });
  await using box = await openBox({ trunks: [login("first", first.address.udpPort)] });
  await lineIs(box, "up", "first");
  const [calling, here] = await Promise.all([first.dial("8001", { signal: soon(), callerNumber: "13911112222" }), answered(box)]);
  const changes: LineState[] = [];

  await using line = await box.addLine(login("second", second.address.udpPort));
  line.onChanged((state) => changes.push(state));
  await lineIs(box, "up", "second");
  expect(box.lines().map(({ name, state, calls }) => ({ name, state, calls }))).toEqual([
    { name: "first", state: "up", calls: 1 },
    { name: "second", state: "up", calls: 0 },
  ]);

  const [out, there] = await Promise.all([line.dial("13800138000", { signal: soon(), callerNumber: "8001" }), answered(second)]);
  expect([out.type, there.dialled, there.remote]).toEqual(["answered", "13800138000", "8001"]);
  const [, incoming] = await Promise.all([second.dial("8001", { signal: soon(), callerNumber: "13700001111" }), answered(box)]);
  expect([incoming.line, incoming.remote, line.state.calls]).toEqual(["second", "13700001111", 2]);
  expect([calling.type, here.line, changes.at(-1)?.name]).toEqual(["answered", "first", "second"]);
  for await (const leg of line.incoming) throw new Error(`a call from ${leg.remote}`);
});

test("removing a line ends its calls, what it dials and its login, and leaves the others alone", async () => {
  await using first = await openCarrier({ extensions: [account] });
  await using second = await openCarrier({ extensions: [account] });
  await using box = await openBox({ trunks: [login("first", first.address.udpPort)] });
  const line = await box.addLine(login("second", second.address.udpPort));
  await Promise.all([lineIs(box, "up", "first"), lineIs(box, "up", "second")]);
  const [, stays] = await Promise.all([first.dial("8001", { signal: soon() }), answered(box)]);
  const [out, far] = await Promise.all([line.dial("13800138000", { signal: soon() }), answered(second)]);
  if (out.type !== "answered") throw new Error(out.type);
  const ringing = line.dial("13900139000", { signal: soon() });
  const rung = await next(second);
  const calling = second.dial("8001", { signal: soon() });
  const waits = await next(box);

  await line[Symbol.asyncDispose]();
  expect(await Promise.all([out.leg.ended, far.ended, waits.ended, rung.ended])).toEqual([
    "normal",
    "normal",
    "normal",
    "no-answer",
  ]);
  expect(await ringing).toEqual({ type: "unreachable", reason: "line second was removed" });
  expect((await calling).type).toBe("no-answer");
  expect(second.registrations()).toEqual([]);
  expect(box.lines().map(({ name, calls }) => [name, calls])).toEqual([["first", 1]]);
  expect(() => box.line("second")).toThrow("no line is called second");
  expect(await line.dial("13800138000", { signal: soon() })).toEqual({ type: "unreachable", reason: "line second was removed" });
  await line[Symbol.asyncDispose]();
  await stays.hangup("normal");
});

test("a name can be used by one line at a time", async () => {
  await using carrier = await openCarrier({ extensions: [account] });
  await using box = await openBox({ trunks: [login("first", carrier.address.udpPort)] });
  await expect(box.addLine(login("first", carrier.address.udpPort))).rejects.toThrow("there is already a line called first");
  await expect(box.addLine({ name: "Not a name", host: CARRIER_HOST })).rejects.toThrow("small letters");
  const line = await box.addLine(login("second", carrier.address.udpPort));
  await line[Symbol.asyncDispose]();
  await using again = await box.addLine(login("second", carrier.address.udpPort));
  expect(await lineIs(box, "up", "second")).toEqual(again.state);
});

test("a far end is a stranger before its line is added and after it was removed", async () => {
  await using carrier = await openCarrier({});
  await using box = await openBox({ allowAnonymous: false });
  const call = () => carrier.dial(`sip:8000@127.0.0.1:${box.address.udpPort}`, { signal: soon(), callerNumber: "13911112222" });
  expect(await call()).toMatchObject({ type: "unreachable" });
  const line = await box.addLine({ name: "gateway", host: CARRIER_HOST, port: carrier.address.udpPort });
  const [taken, leg] = await Promise.all([call(), answered(box)]);
  expect([taken.type, leg.line, leg.remote]).toEqual(["answered", "gateway", "13911112222"]);
  await line[Symbol.asyncDispose]();
  expect(await call()).toMatchObject({ type: "unreachable" });
});

test("no line is added to an endpoint that is closed", async () => {
  await using carrier = await openCarrier({ extensions: [account] });
  const box = await openBox({});
  const line = await box.addLine(login("second", carrier.address.udpPort));
  await lineIs(box, "up", "second");
  await box[Symbol.asyncDispose]();
  expect(carrier.registrations()).toEqual([]);
  await expect(box.addLine(login("third", carrier.address.udpPort))).rejects.toThrow("closed");
  await line[Symbol.asyncDispose]();
});

/** Answers the next call that comes in. */
async function answered(trunk: Parameters<typeof next>[0]) {
  const leg = await next(trunk);
  await leg.answer();
  return leg;
}

test("a line that is added tells its own messages, without passwords, and none of another line", async () => {
  await using carrier = await openCarrier({ extensions: [account, { number: "8002", password: "secret" }] });
  await using elsewhere = await openCarrier({ extensions: [account] });
  await using box = await openBox({ trunks: [login("first", elsewhere.address.udpPort)] });
  const traffic: Traffic[][] = [[], []];
  const port = carrier.address.udpPort;
  const add = async (at: number, name: string, user: string) => {
    const onTraffic = (piece: Traffic) => traffic[at]?.push(piece);
    return await box.addLine({ ...login(name, port), user, numbers: [user] }, { onTraffic });
  };
  await using one = await add(0, "one", "8001");
  await lineIs(box, "up", "one");
  await using other = await add(1, "other", "8002");
  await lineIs(box, "up", "other");
  const [out, there] = await Promise.all([one.dial("13800138000", { signal: soon() }), answered(carrier)]);
  await there.hangup("normal");
  if (out.type === "answered") await out.leg.ended;
  const told = traffic.map((pieces) => pieces.map(({ bytes }) => Buffer.from(bytes).toString()));
  for (const [at, own] of [one, other].entries()) {
    expect(new Set(traffic[at]?.map((piece) => `${piece.port} ${piece.direction}`))).toEqual(new Set(["sip out", "sip in"]));
    expect(
      told[at]?.some((text) => text.startsWith("REGISTER ") && text.includes("uthorization: ***")),
      own.state.name,
    ).toBe(true);
    expect(told[at]?.join("")).not.toMatch(/response=|cnonce=/);
  }
  expect(told[0]?.some((text) => text.startsWith("INVITE sip:13800138000@"))).toBe(true);
  expect(told[0]?.some((text) => text.startsWith("BYE "))).toBe(true);
  expect(told[1]?.filter((text) => text.includes("8001"))).toEqual([]);
  expect(told.flat().filter((text) => text.includes(`:${elsewhere.address.udpPort}`))).toEqual([]);
});
