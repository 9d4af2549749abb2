import type { LineConfig, LineKind, LineOwner } from "@sitebox/core/contract";
import { HIDDEN } from "@sitebox/drivers/transcript";
import { bareNumber, isPublic, type NumberOwner } from "./numbers.ts";

/** What the box has to know of a kind of line before it is opened. */
interface KindFacts<Config extends LineConfig> {
  /** The numbers that a line owns. */
  numbers(config: Config): readonly OwnNumber[];
  /** How many SIMs are in it. */
  sims(config: Config): number;
  /** Below how many yuan the balance of one of its SIMs is low; undefined where there are none. */
  lowBalance(config: Config): number | undefined;
  /** The numbers of the telephones that are plugged into it. */
  telephones(config: Config): readonly string[];
  /** What names its devices, its numbers left out. */
  devices(config: Config): readonly NamedDevice[];
}

export interface OwnNumber {
  readonly path: string;
  readonly number: string;
  readonly of: NumberOwner;
  /** Absent where the carrier alone knows. */
  readonly owner?: LineOwner;
}

/** A device, and where in the configuration it is named. */
interface NamedDevice {
  readonly path: string;
  readonly device: string;
}

type Of<Kind extends LineKind> = Extract<LineConfig, { kind: Kind }>;

const sip: KindFacts<Of<"sip">> = {
  numbers: ({ numbers }) => numbers.map((number, i) => ({ path: `numbers.${i}`, number, of: "account" })),
  sims: () => 0,
  lowBalance: () => undefined,
  telephones: () => [],
  devices: () => [],
};

const gsm: KindFacts<Of<"gsm">> = {
  numbers: ({ sim }) => [{ path: "sim.number", number: sim.number, of: "sim", owner: sim }],
  sims: () => 1,
  lowBalance: ({ lowBalanceYuan }) => lowBalanceYuan,
  telephones: () => [],
  devices({ imei, usbPath, atPort, audioPort, sim }) {
    const named = { imei, usbPath, atPort, audioPort, "sim.iccid": sim.iccid };
    return Object.entries(named).flatMap(([path, value]) =>
      value === undefined ? [] : [{ path, device: `${path.endsWith("Port") ? "port" : path} ${value}` }],
    );
  },
};

const gateway: KindFacts<Of<"gateway">> = {
  numbers: ({ ports }) =>
    ports.map(({ sim }, i) => ({ path: `ports.${i}.sim.number`, number: sim.number, of: "sim", owner: sim })),
  sims: ({ ports }) => ports.length,
  lowBalance: ({ lowBalanceYuan }) => lowBalanceYuan,
  telephones: () => [],
  devices: ({ host, maker, ports }) => [
    { path: "host", device: `gateway ${host}` },
    ...ports.flatMap(({ port, id = `${port}`, sim }, i) => [
      { path: `ports.${i}.port`, device: `port ${port} of gateway ${host}` },
      // A GoIP's channels are known by it alone.
      ...(maker === "goip" ? [{ path: `ports.${i}.id`, device: `id ${id} of gateway ${host}` }] : []),
      ...(sim.iccid === undefined ? [] : [{ path: `ports.${i}.sim.iccid`, device: `sim.iccid ${sim.iccid}` }]),
    ]),
  ],
};

const dahdi: KindFacts<Of<"dahdi">> = {
  numbers: ({ ports }) =>
    ports.flatMap((port, i) =>
      port.type === "fxo"
        ? [{ path: `ports.${i}.line.number`, number: port.line.number, of: "wire", owner: port.line } as const]
        : [],
    ),
  sims: () => 0,
  lowBalance: () => undefined,
  telephones: ({ ports }) => ports.flatMap((port) => (port.type === "fxs" ? [port.extension] : [])),
  devices: ({ ports }) => ports.map(({ channel }, i) => ({ path: `ports.${i}.channel`, device: `channel ${channel}` })),
};

/** A kind that is missing here is named by the compiler. */
const factsByKind: { readonly [Kind in LineKind]: KindFacts<Of<Kind>> } = { sip, gsm, gateway, dahdi };

const factsOf = (config: LineConfig): KindFacts<LineConfig> => factsByKind[config.kind];

/** The numbers that a line owns, as its configuration says. */
export const numbersOf = (config: LineConfig): readonly string[] => ownNumbersOf(config).map(({ number }) => number);

/** The numbers that a line owns, and where they stand in its configuration. */
export const ownNumbersOf = (config: LineConfig): readonly OwnNumber[] => factsOf(config).numbers(config);

/** How many SIMs are in it. */
export const simsOf = (config: LineConfig): number => factsOf(config).sims(config);

/** Below how many yuan the balance of one of its SIMs is low; undefined where there are none. */
export const lowBalanceOf = (config: LineConfig): number | undefined => factsOf(config).lowBalance(config);

/** The numbers of the telephones that are plugged into it: extensions of the box. */
export const telephonesOf = (config: LineConfig): readonly string[] => factsOf(config).telephones(config);

/** How a number is named among the devices, whatever its spelling. */
export const numberDevice = (number: string): string => `number ${bareNumber(number)}`;

/** A line may state a number of its account in several spellings; those of an exchange are known there alone. */
function numberDevicesOf(config: LineConfig): readonly NamedDevice[] {
  const named = ownNumbersOf(config).map(({ path, number, of }) => ({ path, number, of, device: numberDevice(number) }));
  return named.filter(
    ({ number, of, device }, i) =>
      of !== "account" || (isPublic(number) && named.findIndex((one) => one.device === device) === i),
  );
}

/** What names a device or a number, of which no two lines may have the same. */
export const devicesOf = (config: LineConfig): readonly NamedDevice[] => [
  ...factsOf(config).devices(config),
  ...numberDevicesOf(config),
];

const SECRETS: ReadonlySet<string> = new Set(["pin", "password"]);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A configuration as it may be shown. */
export function withoutSecrets<T extends object>(config: T): T {
  const shown = Object.entries(config).flatMap(([key, value]) =>
    SECRETS.has(key) ? [] : [[key, isObject(value) ? withoutSecrets(value) : value] as const],
  );
  return Object.fromEntries(shown) as T;
}

/** A configuration as it stands in a transcript: that a secret is set matters to whoever replays it. */
export function withSecretsHidden<T extends object>(config: T): T {
  const shown = Object.entries(config).map(([key, value]) => {
    if (SECRETS.has(key) && value !== undefined) return [key, HIDDEN] as const;
    return [key, isObject(value) ? withSecretsHidden(value) : value] as const;
  });
  return Object.fromEntries(shown) as T;
}

/** What is to be saved: secrets that it does not state stay as they were. */
export function withSecretsOf(changed: Record<string, unknown>, before: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(before).filter(([key]) => SECRETS.has(key) && changed[key] === undefined);
  const nested = Object.entries(changed).map(([key, value]) => {
    const old = before[key];
    return [key, isObject(value) && isObject(old) ? withSecretsOf(value, old) : value] as const;
  });
  return Object.fromEntries([...nested, ...kept]);
}

/** Its secrets, to be kept out of what is written down of its traffic. */
export function secretsOf(config: object): readonly string[] {
  return Object.entries(config).flatMap(([key, value]) => {
    if (SECRETS.has(key)) return typeof value === "string" ? [value] : [];
    return isObject(value) ? secretsOf(value) : [];
  });
}
