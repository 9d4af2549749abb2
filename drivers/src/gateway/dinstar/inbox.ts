import { createHash } from "node:crypto";
import type { Channel, Clock, Log } from "@sitebox/core/kernel";
import type { IncomingText } from "../../line/index.ts";
import type { GatewayMemory } from "../management.ts";
import type { DinstarApi, IncomingSms } from "./api.ts";

/** Texts that were told and are not stored yet; no more are asked for before they are. */
const MAX_WAITING = 500;
const MEMORY_KEY = "incoming";

export interface InboxDeps {
  readonly api: DinstarApi;
  readonly clock: Clock;
  readonly log: Log;
  readonly memory: GatewayMemory;
  readonly texts: Channel<IncomingText>;
  /** Whether a socket's SIM has an owner. */
  readonly isRegistered: (port: number) => boolean;
}

/**
 * Reads the gateway's texts from the last one on that is stored with us. The gateway cannot be told to delete one: it drops its oldest when it
 * is full, and starts to count anew when somebody empties it.
 */
export class Inbox {
  readonly #deps: InboxDeps;
  /** The gateway that it was read from. */
  #serial: string | undefined;
  /** The highest id that was told. */
  #told = 0;
  readonly #waiting = new Set<number>();
  readonly #ignored = new Set<number>();

  constructor(deps: InboxDeps) {
    this.#deps = deps;
  }

  /** Finds where it was, of the gateway with this serial number; to be called after every time that it could not be asked. */
  async resume(serial: string, signal: AbortSignal): Promise<void> {
    if (serial !== this.#serial) {
      const [kept, id] = ((await this.#deps.memory.read(MEMORY_KEY)) ?? "").split(" ");
      this.#told = kept === serial && Number.isSafeInteger(Number(id)) ? Number(id) : 0;
      this.#serial = serial;
      this.#waiting.clear();
    }
    if (this.#told === 0) return;
    const page = await this.#deps.api.incomingSms(this.#told - 1, signal);
    if (page.some(({ incoming_sms_id }) => incoming_sms_id === this.#told)) return;
    this.#deps.log.info("the gateway's texts are no longer what they were, reading all of them", { last: this.#told });
    this.#told = 0;
    this.#waiting.clear();
  }

  /** Tells what is new. */
  async poll(signal: AbortSignal): Promise<void> {
    while (this.#waiting.size < MAX_WAITING) {
      const page = await this.#deps.api.incomingSms(this.#told, signal);
      const fresh = page.filter(({ incoming_sms_id }) => incoming_sms_id > this.#told);
      if (fresh.length === 0) return;
      for (const sms of fresh.toSorted((a, b) => a.incoming_sms_id - b.incoming_sms_id)) this.#tell(sms);
    }
  }

  #tell(sms: IncomingSms): void {
    const id = sms.incoming_sms_id;
    this.#told = id;
    if (!this.#deps.isRegistered(sms.port)) {
      if (!this.#ignored.has(sms.port))
        this.#deps.log.warn("a text came to a port whose SIM is not registered", { port: sms.port });
      this.#ignored.add(sms.port);
      return;
    }
    this.#waiting.add(id);
    this.#deps.texts.push({
      id: textId(this.#serial ?? "", sms),
      from: sms.number,
      text: sms.text,
      sentAt: instantOf(sms.timestamp) ?? this.#deps.clock.now(),
      port: sms.port,
      stored: () => this.#stored(id),
    });
  }

  /** The mark moves up to the first that is not stored yet. */
  async #stored(id: number): Promise<void> {
    if (!this.#waiting.delete(id)) return;
    const first = Math.min(this.#told + 1, ...this.#waiting);
    try {
      await this.#deps.memory.write(MEMORY_KEY, `${this.#serial} ${first - 1}`);
    } catch (err) {
      this.#deps.log.warn("where the texts of a gateway were read to could not be noted", { err });
    }
  }
}

/** Counts may begin anew with an emptied gateway, so a text's number alone is no name for it. */
function textId(serial: string, { incoming_sms_id, port, number, timestamp, text }: IncomingSms): string {
  const whole = JSON.stringify([serial, incoming_sms_id, port, number, timestamp, text]);
  return createHash("sha256").update(whole).digest("hex").slice(0, 32);
}

/** "2014-12-21 12:06:01" of a clock that is set to China's time, as it has to be; undefined for what is no time. */
function instantOf(timestamp: string): number | undefined {
  const at = Date.parse(`${timestamp.trim().replace(" ", "T")}+08:00`);
  return Number.isNaN(at) ? undefined : at;
}
