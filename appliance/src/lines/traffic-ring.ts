import type { LineConfig } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { Traffic } from "@sitebox/drivers/line";
import { TranscriptWriter } from "@sitebox/drivers/transcript";
import { withSecretsHidden } from "./line-facts.ts";
import { withoutSecretsOf } from "./secrets-in-traffic.ts";

const MOST_BYTES = 256_000;

/** The newest traffic between a driver and its device, in memory: what somebody wants to see whose line does not work. Sound is left out. */
export class TrafficRing {
  readonly #write: (traffic: Traffic) => void;
  readonly #lines: string[] = [];
  #head = "";
  #bytes = 0;

  constructor(config: LineConfig, clock: Clock) {
    let first = true;
    const writer = new TranscriptWriter(
      { kind: config.kind, line: config.name, config: withSecretsHidden(config) },
      clock,
      (line) => {
        if (first) this.#head = line;
        else this.#keep(line);
        first = false;
      },
    );
    this.#write = withoutSecretsOf(config, writer.take);
  }

  readonly take = (traffic: Traffic): void => {
    if (traffic.port !== "audio") this.#write(traffic);
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
}
