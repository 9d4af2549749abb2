import type { LineConfig } from "@sitebox/core/contract";
import { HIDDEN } from "@sitebox/drivers/transcript";

/** The numbers that a line owns, as its configuration says. */
export function numbersOf(config: LineConfig): readonly string[] {
  switch (config.kind) {
    case "sip":
      return config.numbers;
    case "gsm":
      return [config.sim.number];
    case "gateway":
      return config.ports.map(({ sim }) => sim.number);
    case "dahdi":
      return config.ports.flatMap((port) => (port.type === "fxo" ? [port.line.number] : []));
  }
}

/** How many SIMs are in it. */
export function simsOf(config: LineConfig): number {
  switch (config.kind) {
    case "gsm":
      return 1;
    case "gateway":
      return config.ports.length;
    case "sip":
    case "dahdi":
      return 0;
  }
}

/** Below how many yuan the balance of one of its SIMs is low; undefined where there are none. */
export function lowBalanceOf(config: LineConfig): number | undefined {
  switch (config.kind) {
    case "gsm":
    case "gateway":
      return config.lowBalanceYuan;
    case "sip":
    case "dahdi":
      return undefined;
  }
}

/** The numbers of the telephones that are plugged into it: extensions of the box. */
export function telephonesOf(config: LineConfig): readonly string[] {
  switch (config.kind) {
    case "dahdi":
      return config.ports.flatMap((port) => (port.type === "fxs" ? [port.extension] : []));
    case "sip":
    case "gsm":
    case "gateway":
      return [];
  }
}

/** What names a device, of which no two lines may have the same. */
export function devicesOf(config: LineConfig): readonly { readonly path: string; readonly device: string }[] {
  switch (config.kind) {
    case "sip":
      return [];
    case "gsm": {
      const { imei, usbPath, atPort, audioPort, sim } = config;
      const named = { imei, usbPath, atPort, audioPort, "sim.iccid": sim.iccid };
      return [
        ...Object.entries(named).flatMap(([path, value]) =>
          value === undefined ? [] : [{ path, device: `${path.endsWith("Port") ? "port" : path} ${value}` }],
        ),
        { path: "sim.number", device: `number ${sim.number}` },
      ];
    }
    case "gateway":
      return [
        { path: "host", device: `gateway ${config.host}` },
        ...config.ports.flatMap(({ port, id = `${port}`, sim }, i) => [
          { path: `ports.${i}.port`, device: `port ${port} of gateway ${config.host}` },
          // A GoIP's channels are known by it alone.
          ...(config.maker === "goip" ? [{ path: `ports.${i}.id`, device: `id ${id} of gateway ${config.host}` }] : []),
          { path: `ports.${i}.sim.number`, device: `number ${sim.number}` },
          ...(sim.iccid === undefined ? [] : [{ path: `ports.${i}.sim.iccid`, device: `sim.iccid ${sim.iccid}` }]),
        ]),
      ];
    case "dahdi":
      return config.ports.flatMap((port, i) => [
        { path: `ports.${i}.channel`, device: `channel ${port.channel}` },
        ...(port.type === "fxo" ? [{ path: `ports.${i}.line.number`, device: `number ${port.line.number}` }] : []),
      ]);
  }
}

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
