/** The box's side of the modems, in a process of its own: lines that answer, and say back what they hear. */
import { GsmLine } from "@sitebox/core/contract";
import { type Log, silentLog, systemClock } from "@sitebox/core/kernel";
import { openGsmLine } from "@sitebox/drivers/gsm";
import type { Leg, Line } from "@sitebox/drivers/line";
import { type FromBox, isClick, machineMs, type PluggedIn, type ToBox } from "./messages.ts";

const tell = (message: FromBox) => process.send?.(message);

/** What is logged of each call's sound at its end. */
class SoundLog implements Log {
  filled = 0;
  dropped = 0;
  unsaid = 0;
  readonly debug = silentLog.debug;
  readonly warn = silentLog.warn;
  readonly error = silentLog.error;

  child(): Log {
    return this;
  }

  info(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (message !== "a call's sound") return;
    this.filled += Number(fields.filled);
    this.dropped += Number(fields.dropped);
    this.unsaid += Number(fields.unsaid);
  }
}

class Echo {
  readonly heard: number[] = [];
  readonly gaps: number[] = [];
  #at: number | undefined;
  #measuring = false;

  measure(): void {
    this.#measuring = true;
    this.#at = undefined;
  }

  async run(leg: Leg): Promise<void> {
    await leg.answer();
    for await (const frame of leg.audio.frames) {
      const at = machineMs();
      leg.audio.write(frame);
      if (!this.#measuring) continue;
      if (this.#at !== undefined) this.gaps.push(at - this.#at);
      this.#at = at;
      if (isClick(frame)) this.heard.push(at);
    }
  }
}

class Box {
  readonly #log = new SoundLog();
  readonly #lines: Line[] = [];
  readonly #echoes: Echo[] = [];
  readonly #running: Promise<void>[] = [];

  async open(ports: readonly PluggedIn[]): Promise<void> {
    for (const [n, { number, atPort, audioPort }] of ports.entries()) {
      const sim = { number, owner: "A hotel", purpose: "bench" };
      const config = GsmLine.parse({ kind: "gsm", name: `modem-${n}`, sim, atPort, audioPort });
      const line = await openGsmLine(config, { clock: systemClock, log: this.#log });
      const echo = new Echo();
      this.#lines.push(line);
      this.#echoes.push(echo);
      this.#running.push(this.#take(line, echo));
    }
    while (!this.#lines.every(({ state }) => state.state === "up")) await systemClock.sleep(50);
    tell({ type: "open" });
  }

  measure(): void {
    for (const echo of this.#echoes) echo.measure();
  }

  async stop(): Promise<void> {
    await this.close();
    const { filled, dropped, unsaid } = this.#log;
    tell({
      type: "heard",
      heard: this.#echoes.map(({ heard }) => heard),
      gaps: this.#echoes.flatMap(({ gaps }) => gaps),
      filled,
      dropped,
      unsaid,
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#lines.splice(0).map((line) => line[Symbol.asyncDispose]()));
    await Promise.all(this.#running.splice(0));
  }

  async #take(line: Line, echo: Echo): Promise<void> {
    for await (const leg of line.incoming) await echo.run(leg);
  }
}

const box = new Box();
process.on("message", (message: ToBox) => {
  switch (message.type) {
    case "open":
      void box.open(message.ports);
      break;
    case "measure":
      box.measure();
      break;
    case "stop":
      void box.stop();
      break;
  }
});
process.once("disconnect", () => void box.close());
