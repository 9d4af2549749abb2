import type { MakerDeps } from "../management.ts";
import { instantOf, textId } from "../texts.ts";
import type { DinstarApi, IncomingSms } from "./api.ts";

/** Texts that were told and are not stored yet; no more are asked for before they are. */
const MAX_WAITING = 500;
const MEMORY_KEY = "incoming";

export type InboxDeps = Pick<MakerDeps, "log" | "memory" | "accepts" | "textCame">;

/**
 * Reads the gateway's texts from the last one on that is stored with us. The gateway cannot be told to delete one: it drops its oldest when it
 * is full, and starts to count anew when somebody empties it.
 */
export class Inbox {
  readonly #api: Pick<DinstarApi, "incomingSms">;
  readonly #deps: InboxDeps;
  /** The gateway that it was read from. */
  #serial: string | undefined;
  /** The highest id that was told. */
  #told = 0;
  /** Texts of this count of the gateway's that are told and not stored. */
  #waiting = new Set<number>();

  constructor(api: Pick<DinstarApi, "incomingSms">, deps: InboxDeps) {
    this.#api = api;
    this.#deps = deps;
  }

  /** Finds where it was, of the gateway with this serial number. */
  async resume(serial: string): Promise<void> {
    if (serial === this.#serial) return;
    const [kept, id] = ((await this.#deps.memory.read(MEMORY_KEY)) ?? "").split(" ");
    this.#startAt(kept === serial && Number.isSafeInteger(Number(id)) ? Number(id) : 0);
    this.#serial = serial;
  }

  /** Tells what is new. */
  async poll(signal: AbortSignal): Promise<void> {
    // With the last one that was told: where it is no more, the gateway counts anew, and its new texts have lower numbers.
    let page = await this.#api.incomingSms(Math.max(0, this.#told - 1), signal);
    if (this.#told > 0 && !page.some(({ incoming_sms_id }) => incoming_sms_id === this.#told)) {
      this.#deps.log.info("the gateway's texts are no longer what they were, reading all of them", { last: this.#told });
      this.#startAt(0);
      page = await this.#api.incomingSms(0, signal);
    }
    while (this.#waiting.size < MAX_WAITING) {
      const fresh = page.filter(({ incoming_sms_id }) => incoming_sms_id > this.#told);
      if (fresh.length === 0) return;
      for (const sms of fresh.toSorted((a, b) => a.incoming_sms_id - b.incoming_sms_id)) this.#tell(sms);
      page = await this.#api.incomingSms(this.#told, signal);
    }
  }

  #startAt(told: number): void {
    this.#told = told;
    this.#waiting = new Set();
  }

  #tell(sms: IncomingSms): void {
    const { incoming_sms_id, port, number, timestamp, text } = sms;
    this.#told = incoming_sms_id;
    if (!this.#deps.accepts(port)) return;
    const waiting = this.#waiting.add(incoming_sms_id);
    this.#deps.textCame({
      // Counts may begin anew with an emptied gateway, so a text's number alone is no name for it.
      id: textId(this.#serial ?? "", incoming_sms_id, port, number, timestamp, text),
      from: number,
      text,
      sentAt: instantOf(timestamp),
      port,
      stored: () => this.#stored(incoming_sms_id, waiting),
    });
  }

  /** The mark moves up to the first that is not stored yet. */
  async #stored(id: number, waiting: Set<number>): Promise<void> {
    if (!waiting.delete(id) || waiting !== this.#waiting) return;
    const first = Math.min(this.#told + 1, ...waiting);
    try {
      await this.#deps.memory.write(MEMORY_KEY, `${this.#serial} ${first - 1}`);
    } catch (err) {
      this.#deps.log.warn("where the texts of a gateway were read to could not be noted", { err });
    }
  }
}
