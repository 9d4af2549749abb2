import type { LineConfig, LineKind } from "@sitebox/core/contract";
import { HIDDEN } from "@sitebox/drivers/transcript";

/** What the box has to know of a kind of line before it is opened. */
interface KindFacts<Config extends LineConfig> {
  /** The numbers that a line owns. */
  numbers(config: Config): readonly string[];
  /** How many SIMs are in it. */
  sims(config: Config): number;
  /** Below how many yuan the balance of one of its SIMs is low; undefined where there are none. */
  lowBalance(config: Config): number | undefined;
  /** The numbers of the telephones that are plugged into it. */
  telephones(config: Config): readonly string[];
  devices(config: Config): readonly NamedDevice[];
}

/** A device, and where in the configuration it is named. */
interface NamedDevice {
  readonly path: string;
  readonly device: string;
}

type Of<Kind extends LineKind> = Extract<LineConfig, { kind: Kind }>;

const sip: KindFacts<Of<"sip">> = {
  numbers: ({ numbers }) => numbers,
  sims: () => 0,
  lowBalance: () => undefined,
  telephones: () => [],
  devices: () => [],
};

const gsm: KindFacts<Of<"gsm">> = {
  numbers: ({ sim }) => [sim.number],
  sims: () => 1,
  lowBalance: ({ lowBalanceYuan }) => lowBalanceYuan,
  telephones: () => [],
  devices({ imei, usbPath, atPort, audioPort, sim }) {
    const named = { imei, usbPath, atPort, audioPort, "sim.iccid": sim.iccid };
    return [
      ...Object.entries(named).flatMap(([path, value]) =>
        value === undefined ? [] : [{ path, device: `${path.endsWith("Port") ? "port" : path} ${value}` }],
      ),
      { path: "sim.number", device: `number ${sim.number}` },
    ];
  },
};

const gateway: KindFacts<Of<"gateway">> = {
  numbers: ({ ports }) => ports.map(({ sim }) => sim.number),
  sims: ({ ports }) => ports.length,
  lowBalance: ({ lowBalanceYuan }) => lowBalanceYuan,
  telephones: () => [],
  devices: ({ host, maker, ports }) => [
    { path: "host", device: `gateway ${host}` },
    ...ports.flatMap(({ port, id = `${port}`, sim }, i) => [
      { path: `ports.${i}.port`, device: `port ${port} of gateway ${host}` },
      // A GoIP's channels are known by it alone.
      ...(maker === "goip" ? [{ path: `ports.${i}.id`, device: `id ${id} of gateway ${host}` }] : []),
      { path: `ports.${i}.sim.number`, device: `number ${sim.number}` },
      ...(sim.iccid === undefined ? [] : [{ path: `ports.${i}.sim.iccid`, device: `sim.iccid ${sim.iccid}` }]),
    ]),
  ],
};

const dahdi: KindFacts<Of<"dahdi">> = {
  numbers: ({ ports }) => ports.flatMap((port) => (port.type === "fxo" ? [port.line.number] : [])),
  sims: () => 0,
  lowBalance: () => undefined,
  telephones: ({ ports }) => ports.flatMap((port) => (port.type === "fxs" ? [port.extension] : [])),
  devices: ({ ports }) =>
    ports.flatMap((port, i) => [
      { path: `ports.${i}.channel`, device: `channel ${port.channel}` },
      ...(port.type === "fxo" ? [{ path: `ports.${i}.line.number`, device: `number ${port.line.number}` }] : []),
    ]),
};

/** A kind that is missing here is named by the compiler. */
const factsByKind: { readonly [Kind in LineKind]: KindFacts<Of<Kind>> } = { sip, gsm, gateway, dahdi };

const factsOf = (config: LineConfig): KindFacts<LineConfig> => factsByKind[config.kind];

/** The numbers that a line owns, as its configuration says. */
export const numbersOf = (config: LineConfig): readonly string[] => factsOf(config).numbers(config);

/** How many SIMs are in it. */
export const simsOf = (config: LineConfig): number => factsOf(config).sims(config);

/** Below how many yuan the balance of one of its SIMs is low; undefined where there are none. */
export const lowBalanceOf = (config: LineConfig): number | undefined => factsOf(config).lowBalance(config);

/** The numbers of the telephones that are plugged into it: extensions of the box. */
export const telephonesOf = (config: LineConfig): readonly string[] => factsOf(config).telephones(config);

/** What names a device, of which no two lines may have the same. */
export const devicesOf = (config: LineConfig): readonly NamedDevice[] => factsOf(config).devices(config);

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
