import type { LineConfig } from "@sitebox/core/contract";
import type { Traffic } from "@sitebox/drivers/line";
import { HIDDEN } from "@sitebox/drivers/transcript";
import { secretsOf } from "./line-facts.ts";

/** A secret of this many characters is not met by chance; shorter ones are hidden by the drivers, which know where they stand. */
const LONG = 9;

/**
 * Passes traffic of a line on without its configured secrets, as they are sent and as URLs write them: a second look, behind the drivers' own,
 * which hide what they know to be one. What is removed is *** in whatever length, so that a driver with that for its secret says the same in a replay.
 */
export function withoutSecretsOf(config: LineConfig, take: (traffic: Traffic) => void): (traffic: Traffic) => void {
  const secrets = secretsOf(config)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .filter((secret) => secret.length >= LONG);
  return (traffic) => {
    const { bytes, port } = traffic;
    if (port === "audio") return take(traffic);
    const text = Buffer.from(bytes).toString("latin1");
    const shown = secrets
      .reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text)
      .replace(/^(authorization:\s*\w+) .*$/gim, `$1 ${HIDDEN}`);
    take(shown === text ? traffic : { ...traffic, bytes: Buffer.from(shown, "latin1") });
  };
}
