import type { LineConfig } from "@sitebox/core/contract";
import { HIDDEN } from "@sitebox/drivers/gateway";
import type { Traffic } from "@sitebox/drivers/line";
import { secretsOf } from "./line-facts.ts";

/** A secret of this many characters is not met by chance; shorter ones are removed where the drivers know them to stand. */
const LONG = 9;
/** Commands that carry PINs (3GPP TS 27.007 §7.4, §7.5, §8.3; Huawei's). A PIN may stand in any number: here it is one. */
const PIN_COMMANDS: readonly string[] = ["+CPIN=", "^CPIN=", "+CLCK=", "+CPWD="];
const NAME_LENGTH = 6;

/** Takes the figures behind commands that carry a PIN out of one direction of a port, however its bytes are cut. */
class PinFilter {
  #last = "";
  /** In such a command, in its figures. */
  #at: "elsewhere" | "command" | "figures" = "elsewhere";

  shown(text: string): string {
    let shown = "";
    for (const character of text) shown += this.#character(character);
    return shown;
  }

  #character(character: string): string {
    if (this.#at === "elsewhere" || character < " ") {
      this.#last = `${this.#last}${character}`.slice(-NAME_LENGTH).toUpperCase();
      this.#at = PIN_COMMANDS.includes(this.#last) ? "command" : "elsewhere";
      return character;
    }
    const wasInFigures = this.#at === "figures";
    this.#at = character >= "0" && character <= "9" ? "figures" : "command";
    if (this.#at !== "figures") return character;
    return wasInFigures ? "" : HIDDEN;
  }
}

/**
 * Passes traffic of a line on without its secrets: the PINs that a modem is told, and its configured passwords as they are sent and as URLs
 * write them. What is removed is *** in whatever length, so that a driver with that for its secret says the same in a replay.
 */
export function withoutSecretsOf(config: LineConfig, take: (traffic: Traffic) => void): (traffic: Traffic) => void {
  const secrets = secretsOf(config)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .filter((secret) => secret.length >= LONG);
  const filters = new Map<string, PinFilter>();
  const isModem = config.kind === "gsm";
  const filterOf = ({ port, direction }: Traffic): PinFilter => {
    const key = `${port} ${direction}`;
    const filter = filters.get(key) ?? new PinFilter();
    filters.set(key, filter);
    return filter;
  };
  return (traffic) => {
    const { bytes, port } = traffic;
    if (port === "audio") return take(traffic);
    const text = Buffer.from(bytes).toString("latin1");
    const withoutPins = isModem ? filterOf(traffic).shown(text) : text;
    const shown = secrets
      .reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), withoutPins)
      .replace(/^(authorization:\s*\w+) .*$/gim, `$1 ${HIDDEN}`);
    if (shown === text) return take(traffic);
    // Without bytes it would say that the device is gone.
    if (shown !== "") take({ ...traffic, bytes: Buffer.from(shown, "latin1") });
  };
}
