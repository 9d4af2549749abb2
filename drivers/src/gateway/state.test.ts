import type { GatewayLine } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { type LineState, OwnSim } from "../line/index.ts";
import type { PortReport, Ports } from "./management.ts";
import { gatewayState } from "./state.ts";

const ICCID = "8986001200000000001";
const owner = { owner: "示范酒店", purpose: "前台" };
const config: Pick<GatewayLine, "ports"> = {
  ports: [
    { port: 1, sim: { number: "13800000001", iccid: ICCID, ...owner }, operator: "auto" },
    { port: 2, sim: { number: "13800000002", ...owner }, operator: "auto" },
  ],
};
const up: LineState = { name: "gateway", state: "up", calls: 1, maxCalls: 2 };
const works = (port: number, more: Partial<PortReport> = {}): PortReport => ({ port, state: "idle", ...more });
const known = (...ports: PortReport[]): Ports => ({ type: "known", ports });
const ownSims = new Map(config.ports.map(({ port, sim }) => [port, new OwnSim({ sim, log: silentLog })] as const));
const state = (ports: Ports | undefined, sip = up) => gatewayState({ config, sip, ports, ownSims });

test("without management, SIP alone tells how the line stands", () => {
  expect(state(undefined)).toEqual({ name: "gateway", state: "up", calls: 1, maxCalls: 2 });
  expect(state(undefined, { ...up, state: "down", reason: "no answer for 32 s" })).toMatchObject({
    state: "down",
    fault: "unreachable",
    reason: "no answer for 32 s",
  });
  expect(state(undefined, { ...up, state: "starting" })).toMatchObject({ state: "starting" });
});

test("before the management has answered, the line is starting, or down where SIP is", () => {
  expect(state({ type: "asking" })).toMatchObject({ state: "starting", maxCalls: 2 });
  expect(state({ type: "asking" }, { ...up, state: "down", fault: "login-refused", reason: "403" })).toMatchObject({
    state: "down",
    fault: "login-refused",
  });
});

test("where the management cannot be asked, calls may go and the reason says what is not known", () => {
  const unknown: Ports = { type: "unknown", fault: "unreachable", reason: "connect ECONNREFUSED" };
  expect(state(unknown)).toEqual({
    name: "gateway",
    state: "up",
    calls: 1,
    maxCalls: 2,
    reason: "the state of its ports is unknown: connect ECONNREFUSED",
  });
  expect(state(unknown, { ...up, state: "down", reason: "gone" })).toMatchObject({ state: "down", reason: "gone" });
});

test("as many calls may go as ports are registered", () => {
  const one = state(known(works(1), works(2, { state: "down", fault: "no-sim" })));
  expect(one).toMatchObject({ state: "up", maxCalls: 1 });
  expect(one.ports).toEqual([
    { port: 1, state: "idle", number: "13800000001" },
    { port: 2, state: "down", fault: "no-sim", number: "13800000002" },
  ]);
  expect(state(known(works(1), works(2, { state: "busy" })))).toMatchObject({ state: "up", maxCalls: 2 });
});

test("with no port registered the line is down and says why each is", () => {
  const down = known(
    works(1, { state: "down", fault: "no-sim", reason: "NO_SIM" }),
    works(2, { state: "down", fault: "searching" }),
  );
  expect(state(down)).toMatchObject({ state: "down", fault: "no-sim", reason: "port 1: NO_SIM; port 2: searching", maxCalls: 0 });
});

test("a port that the gateway does not have is down", () => {
  expect(state(known(works(1))).ports?.[1]).toMatchObject({ port: 2, state: "down", fault: "failed" });
});

test("another SIM than the registered one stops the line, as the gateway chooses the port of a call", () => {
  const swapped = state(known(works(1, { iccid: "89860099999999999999" }), works(2)));
  expect(swapped).toMatchObject({ state: "down", fault: "other-sim", maxCalls: 1 });
  expect(swapped.ports?.[0]).toMatchObject({ state: "down", fault: "other-sim" });
  expect(state(known(works(1, { iccid: `${ICCID}5` }), works(2, { iccid: "89860099999999999999" })))).toMatchObject({
    state: "up",
  });
});
