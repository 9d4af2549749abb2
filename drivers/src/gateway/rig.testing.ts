import { GatewayLine, type LineConfigInput } from "@sitebox/core/contract";
import { type Clock, silentLog, systemClock } from "@sitebox/core/kernel";
import { freePort } from "@sitebox/core/testing";
import type { IncomingText, Line, LineState, TextPort } from "../line/index.ts";
import { until } from "../line/testing/index.ts";
import { openSipEndpoint, type SipEndpoint } from "../sip/index.ts";
import { plainRtpPorts } from "../sip/testing/index.ts";
import { forgetfulMemory, type GatewayDeps, openGatewayLine } from "./index.ts";
import {
  DinstarDevice,
  type DinstarOptions,
  FarNetwork,
  GoipDevice,
  type GoipOptions,
  goipId,
  type SimulatedPort,
  simulatedPort,
  YeastarDevice,
  type YeastarOptions,
} from "./testing/index.ts";

export type Maker = "dinstar" | "yeastar" | "goip";
type Input = Extract<LineConfigInput, { kind: "gateway" }>;

/** The gateway has an address of its own, so that nothing else of the test machine passes for it. */
export const GATEWAY_HOST = "127.0.0.2";

export const sipDeps = { clock: systemClock, log: silentLog, rtp: plainRtpPorts(systemClock) };

/** A gateway's SIP side. */
export const openGatewaySip = (): Promise<SipEndpoint> =>
  openSipEndpoint({ listen: { host: GATEWAY_HOST, port: 0 }, serviceNumbers: ["13800138000"] }, sipDeps);

export const openBox = (): Promise<SipEndpoint> =>
  openSipEndpoint({ listen: { host: "127.0.0.1", port: 0 }, serviceNumbers: ["8000"] }, sipDeps);

export interface Rig<Device> extends AsyncDisposable {
  readonly network: FarNetwork;
  readonly ports: readonly SimulatedPort[];
  readonly device: Device;
  readonly box: SipEndpoint;
  readonly sip: SipEndpoint;
  readonly config: GatewayLine;
  /** The line that is open. */
  line: Line;
  /** Closes the line and opens it anew, as after a restart. */
  reopen(): Promise<Line>;
}

interface RigOptions<Options> {
  readonly device?: Partial<Options>;
  readonly ports?: readonly SimulatedPort[];
  readonly management?: Partial<NonNullable<Input["management"]>>;
  readonly sims?: Input["ports"];
  readonly balanceHours?: number;
  readonly deps?: Partial<GatewayDeps>;
}

/** Polls faster than a page could configure it. */
const POLL_SECONDS = 0.02;

async function openRig<Device extends AsyncDisposable>(
  maker: Maker,
  { ports = [simulatedPort(1), simulatedPort(2)], management = {}, sims, balanceHours = 0, deps = {} }: RigOptions<unknown>,
  openDevice: (network: FarNetwork, ports: readonly SimulatedPort[]) => Promise<{ device: Device; port: number }>,
): Promise<Rig<Device>> {
  await using building = new AsyncDisposableStack();
  const network = new FarNetwork();
  const { device, port } = await openDevice(network, ports);
  building.use(device);
  const sip = building.use(await openGatewaySip());
  const box = building.use(await openBox());
  const parsed = GatewayLine.parse({
    kind: "gateway",
    name: "gateway",
    maker,
    host: GATEWAY_HOST,
    sip: { port: sip.address.udpPort },
    balanceHours,
    management: { port, password: "secret", ...management },
    ports:
      sims ??
      ports.map(({ port: own, number }) => ({ port: own, id: goipId(own), sim: { number, owner: "示范酒店", purpose: "前台" } })),
  });
  const config = { ...parsed, ...(parsed.management && { management: { ...parsed.management, pollSeconds: POLL_SECONDS } }) };
  const memory = forgetfulMemory();
  const open = () => openGatewayLine(config, { clock: systemClock, log: silentLog, sip: box, memory, textGapMs: 0, ...deps });
  const line = await open();
  const owned = building.move();
  const rig: Rig<Device> = {
    network,
    ports,
    device,
    box,
    sip,
    config,
    line,
    async reopen() {
      await rig.line[Symbol.asyncDispose]();
      rig.line = await open();
      return rig.line;
    },
    async [Symbol.asyncDispose]() {
      await rig.line[Symbol.asyncDispose]();
      await owned.disposeAsync();
    },
  };
  return rig;
}

export function openDinstarRig(options: RigOptions<DinstarOptions> = {}): Promise<Rig<DinstarDevice>> {
  return openRig("dinstar", options, async (network, ports) => {
    const device = await DinstarDevice.open({ network, ports, host: GATEWAY_HOST, ...options.device });
    return { device, port: device.managementPort };
  });
}

export function openYeastarRig(options: RigOptions<YeastarOptions> = {}): Promise<Rig<YeastarDevice>> {
  return openRig("yeastar", options, async (network, ports) => {
    const device = await YeastarDevice.open({ network, ports, host: GATEWAY_HOST, ...options.device });
    return { device, port: device.managementPort };
  });
}

export function openGoipRig(options: RigOptions<GoipOptions> = {}): Promise<Rig<GoipDevice>> {
  return openRig("goip", options, async (network, ports) => {
    const serverPort = await freePort("0.0.0.0");
    const device = await GoipDevice.open({ network, ports, serverPort, host: GATEWAY_HOST, ...options.device });
    return { device, port: serverPort };
  });
}

/** Waits until it is up and its ports are known. */
export const upWithPorts = (line: Line): Promise<LineState> =>
  until(line, ({ state, ports }) => state === "up" && ports !== undefined);

/** How the line stands when its device has begun to misbehave. Resolves when the device is well again and its ports are known by themselves. */
export async function recovered<Mischief>(
  { line, device }: Rig<{ misbehave(mischief: Mischief | undefined): void }>,
  mischief: Mischief,
): Promise<LineState> {
  await upWithPorts(line);
  device.misbehave(mischief);
  const state = await until(line, ({ ports }) => ports === undefined);
  device.misbehave(undefined);
  await upWithPorts(line);
  return state;
}

/** The machine's clock, so many times faster: for what takes minutes. Only where nothing goes wrong when something takes too long. */
export function hastyClock(factor: number): Clock {
  return {
    now: () => systemClock.now(),
    monotonic: () => systemClock.monotonic() * factor,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
    after: (ms, task) => systemClock.after(ms / factor, task),
  };
}

/** As {@link hastyClock}, but what is given a deadline has all of its time: for tests in which nothing may come too late. */
export function hastyWaits(factor: number): Clock {
  return { ...hastyClock(factor), after: (ms, task) => systemClock.after(ms, task) };
}

/** The next so many texts. */
export async function take(texts: TextPort | undefined, count: number): Promise<readonly IncomingText[]> {
  const taken: IncomingText[] = [];
  for await (const text of texts?.incoming ?? []) if (taken.push(text) === count) break;
  return taken;
}
