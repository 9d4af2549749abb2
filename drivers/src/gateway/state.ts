import type { GatewayLine } from "@sitebox/core/contract";
import type { Balance, LinePort, LineState, OwnSim } from "../line/index.ts";
import { leastOf } from "./balances.ts";
import type { PortReport, Ports } from "./management.ts";

export interface GatewayFacts {
  readonly config: Pick<GatewayLine, "ports">;
  /** How the SIP line to it stands. */
  readonly sip: LineState;
  /** Undefined: nothing can be asked. */
  readonly ports: Ports | undefined;
  /** By port: which SIM may be in it. */
  readonly ownSims: ReadonlyMap<number, Pick<OwnSim, "isOwn">>;
  /** What is left on the SIM of a port, where its operator has told. */
  readonly balances?: ReadonlyMap<number, Balance>;
}

/** How a gateway stands, of what SIP says of it and what its management does. */
export function gatewayState({ config, sip, ports, ownSims, balances = new Map() }: GatewayFacts): LineState {
  const { name, calls } = sip;
  const least = leastOf(balances.values());
  const base = { name, calls, maxCalls: config.ports.length, ...(least && { balance: least }) };
  if (!ports) return { ...base, ...healthOf(sip) };
  if (ports.type === "asking") return { ...base, ...(sip.state === "down" ? healthOf(sip) : { state: "starting" }) };
  if (ports.type === "unknown") {
    if (sip.state !== "up") return { ...base, ...healthOf(sip) };
    return { ...base, state: "up", reason: `the state of its ports is unknown: ${ports.reason}` };
  }
  const registered = config.ports.map((own) => {
    const balance = balances.get(own.port);
    return { ...registeredPort(own, ports.ports, ownSims.get(own.port)), ...(balance && { balance }) };
  });
  const known = { ...base, maxCalls: usable(registered), ports: registered, ...(ports.device && { device: ports.device }) };
  if (sip.state !== "up") return { ...known, ...healthOf(sip) };
  const why = whyDown(registered);
  return why ? { ...known, state: "down", ...why } : { ...known, state: "up" };
}

const usable = (ports: readonly LinePort[]) => ports.filter(({ state }) => state !== "down").length;

function healthOf({ state, fault, reason }: LineState): Pick<LineState, "state" | "fault" | "reason"> {
  if (state !== "down") return { state };
  return { state, fault: fault ?? "unreachable", ...(reason !== undefined && { reason }) };
}

/** One of the sockets whose SIM has an owner; undefined fields are what nobody tells. */
function registeredPort(
  { port, sim }: Pick<GatewayLine["ports"][number], "port" | "sim">,
  reports: readonly PortReport[],
  ownSim: Pick<OwnSim, "isOwn"> | undefined,
): LinePort {
  const found = reports.find((report) => report.port === port);
  if (!found)
    return { port, state: "down", number: sim.number, fault: "failed", reason: "the gateway does not tell of this port" };
  const { iccid, imsi: _imsi, ...told } = found;
  const known = { ...told, number: sim.number };
  if (iccid === undefined || !ownSim || ownSim.isOwn(iccid)) return known;
  return { ...known, state: "down", fault: "other-sim", reason: "another SIM than the registered one is in it" };
}

/**
 * Why no call may go out, although the gateway is there. It chooses the port of a call by itself, so one port with a SIM that is nobody's
 * stops the whole line.
 */
function whyDown(ports: readonly LinePort[]): Pick<LineState, "fault" | "reason"> | undefined {
  const other = ports.find(({ fault }) => fault === "other-sim");
  if (!other && usable(ports) > 0) return undefined;
  const told = (other ? [other] : ports).map(({ port, fault, reason }) => `port ${port}: ${reason ?? fault ?? "down"}`);
  return { fault: other?.fault ?? ports.find(({ fault }) => fault)?.fault ?? "failed", reason: told.join("; ") };
}
