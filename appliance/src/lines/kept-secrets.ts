import { fieldIssue, type LineConfig, type ProblemIssue } from "@sitebox/core/contract";

/** What decides to whom a secret is said. */
interface Destination {
  /** Of the secret in the configuration. */
  readonly path: string;
  readonly goesTo: readonly unknown[];
}

function destinationsOf(config: LineConfig): readonly Destination[] {
  switch (config.kind) {
    case "sip":
      return [{ path: "password", goesTo: [config.host, config.port, config.transport] }];
    case "gateway": {
      const { maker, host, sip, management } = config;
      return [
        { path: "sip.password", goesTo: [host, sip.port, sip.transport] },
        { path: "management.password", goesTo: [maker, host, management?.port, management?.tls] },
      ];
    }
    // A PIN goes no further than the SIM, and is tried only while all its attempts are left.
    case "gsm":
    case "dahdi":
      return [];
  }
}

const valueAt = (config: unknown, path: string): unknown =>
  path
    .split(".")
    .reduce((at, key) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined), config);

/**
 * Secrets that `change` leaves out, although the line would say them to another address than the one they were entered for: whoever may
 * change a line must not learn its secrets by having them sent to a machine of his own.
 */
export function secretsForElsewhere(change: Record<string, unknown>, before: LineConfig, after: LineConfig): ProblemIssue[] {
  const known = new Map(destinationsOf(before).map(({ path, goesTo }) => [path, JSON.stringify(goesTo)]));
  return destinationsOf(after)
    .filter(({ path }) => valueAt(change, path) === undefined && valueAt(after, path) !== undefined)
    .filter(({ path, goesTo }) => known.get(path) !== JSON.stringify(goesTo))
    .map(({ path }) => fieldIssue(path, "secret-for-elsewhere"));
}
