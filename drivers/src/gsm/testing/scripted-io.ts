import type { Clock } from "@sitebox/core/kernel";
import type { Misbehaviour, ScriptedReply } from "./scripted-modem.ts";

interface ScriptedIoDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly write: (bytes: Buffer) => void;
  readonly run: (text: string, prompt: () => Promise<string | undefined>) => Promise<ScriptedReply>;
}

/** The command interpreter of a scripted modem: echo, command lines, the prompt, answers, and the ways they go wrong. */
export class ScriptedIo {
  misbehaviour: Misbehaviour = {};
  echo = true;
  readonly #deps: ScriptedIoDeps;
  #line = "";
  #prompted: { readonly answer: (text: string | undefined) => void } | undefined;
  /** What is said goes out in order, each thing after the ones before it. */
  #saying: Promise<void> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();
  /** Answers that began before it hung or restarted are not said. */
  #life = 0;

  constructor(deps: ScriptedIoDeps) {
    this.#deps = deps;
  }

  /** As after a start: echo on, nothing half heard. */
  reset(): void {
    this.forget();
    this.echo = true;
  }

  /** Whatever is being answered is not. */
  forget(): void {
    this.#life++;
    this.#line = "";
    this.#prompted?.answer(undefined);
    this.#prompted = undefined;
    this.#saying = Promise.resolve();
    this.#running = Promise.resolve();
  }

  take(bytes: Buffer): void {
    for (const character of bytes.toString("latin1")) this.#character(character);
  }

  say(line: string): void {
    void this.#queue(async () => await this.#put(`\r\n${line}\r\n`));
  }

  /** Writes as it is, without misbehaving. */
  write(text: string): void {
    this.#deps.write(Buffer.from(text, "latin1"));
  }

  #character(character: string): void {
    if (this.#prompted) {
      if (character === "\x1a" || character === "\x1b") {
        const { answer } = this.#prompted;
        this.#prompted = undefined;
        answer(character === "\x1a" ? this.#line : undefined);
        this.#line = "";
      } else if (character !== "\n") this.#line += character;
      return;
    }
    if (this.echo || this.misbehaviour.echoStays) this.write(character);
    if (character === "\r") {
      const command = /at(.*)/is.exec(this.#line)?.[1];
      this.#line = "";
      if (command !== undefined) this.#command(command.trim());
    } else if (character === "\x1b") this.#line = "";
    else if (character >= " ") this.#line += character;
  }

  #command(text: string): void {
    const life = this.#life;
    this.#running = this.#running.then(async () => {
      if (life !== this.#life) return;
      if (this.misbehaviour.slowMs) await this.#deps.clock.sleep(this.misbehaviour.slowMs);
      const reply = await this.#deps.run(text, () => this.#prompt()).catch((): ScriptedReply => ({ final: "ERROR" }));
      if (life === this.#life && reply !== "silent") await this.#queue(async () => await this.#answer(reply, life));
    });
  }

  async #prompt(): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    await this.#queue(async () => await this.#put("\r\n> "));
    this.#prompted = { answer: resolve };
    return await promise;
  }

  async #answer({ lines = [], final = "OK" }: Exclude<ScriptedReply, "silent">, life: number): Promise<void> {
    const { interrupts, late, lateMs = 300 } = this.misbehaviour;
    for (const line of lines) {
      await this.#put(`\r\n${line}\r\n`);
      if (interrupts && this.#deps.random() < interrupts.chance) {
        const said = interrupts.lines[Math.floor(this.#deps.random() * interrupts.lines.length)];
        if (said) await this.#put(`\r\n${said}\r\n`);
      }
    }
    if (late && this.#deps.random() < late) await this.#deps.clock.sleep(lateMs);
    if (life === this.#life) await this.#put(`\r\n${final}\r\n`);
  }

  #queue(task: () => Promise<void>): Promise<void> {
    const life = this.#life;
    this.#saying = this.#saying.then(async () => (life === this.#life ? await task() : undefined));
    return this.#saying;
  }

  async #put(text: string): Promise<void> {
    const { garbage = 0, splitLines } = this.misbehaviour;
    const noise = this.#deps.random() < garbage ? `\r\n${this.#noise()}\r\n` : "";
    let rest = `${noise}${text}`;
    while (rest !== "") {
      const length = splitLines ? 1 + Math.floor(this.#deps.random() * 6) : rest.length;
      this.write(rest.slice(0, length));
      rest = rest.slice(length);
      if (rest !== "") await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Bytes as a bad cable makes them: none that could be a line of a modem. */
  #noise(): string {
    return Array.from({ length: 12 }, () => String.fromCharCode(0x80 + Math.floor(this.#deps.random() * 0x7f))).join("");
  }
}
