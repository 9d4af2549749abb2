import type { LineConfig } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { Traffic } from "@sitebox/drivers/line";
import { TranscriptWriter } from "@sitebox/drivers/transcript";
import { secretsOf, withoutSecrets } from "./line-facts.ts";

const MOST_BYTES = 256_000;
const REMOVED = "***";
/** A secret of this many characters is not met by chance. */
const LONG = 9;

/** The newest traffic between a driver and its device, in memory: what somebody wants to see whose line does not work. Sound is left out. */
export class TrafficRing {
  readonly #writer: TranscriptWriter;
  readonly #lines: string[] = [];
  readonly #secrets: readonly string[];
  #head = "";
  #bytes = 0;

  constructor(config: LineConfig, clock: Clock) {
    // As they are sent, and as HTTP's basic authentication packs them.
    this.#secrets = secretsOf(config).flatMap((secret) => [secret, encodeURIComponent(secret)]);
    let first = true;
    this.#writer = new TranscriptWriter(
      { kind: config.kind, line: config.name, config: withoutSecrets(config) },
      clock,
      (line) => {
        if (first) this.#head = line;
        else this.#keep(line);
        first = false;
      },
    );
  }

  readonly take = (traffic: Traffic): void => {
    if (traffic.port !== "audio") this.#writer.take({ ...traffic, bytes: this.#withoutSecrets(traffic.bytes) });
  };

  /** In the transcript format. */
  text(): string {
    return this.#head + this.#lines.join("");
  }

  #keep(line: string): void {
    this.#lines.push(line);
    this.#bytes += line.length;
    while (this.#bytes > MOST_BYTES) this.#bytes -= this.#lines.shift()?.length ?? MOST_BYTES;
  }

  #withoutSecrets(bytes: Uint8Array): Uint8Array {
    const text = Buffer.from(bytes).toString("latin1");
    const shown = this.#secrets
      // Four digits of a PIN may stand in any number: they are a PIN in the commands that carry one (3GPP TS 27.007, 7.4 and 8.3).
      .filter((secret) => secret.length >= LONG || /\+(?:CPIN|CLCK|CPWD)/i.test(text))
      .reduce((rest, secret) => rest.replaceAll(secret, REMOVED), text)
      .replace(/^(authorization:\s*\w+) .*$/gim, `$1 ${REMOVED}`);
    return shown === text ? bytes : Buffer.from(shown, "latin1");
  }
}
