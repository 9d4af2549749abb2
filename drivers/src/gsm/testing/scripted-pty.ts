import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync } from "node:fs";
import { rm } from "node:fs/promises";

/** The modem's end of a pseudo-terminal. Taking it away is an unplug: whoever has the other end open sees a device that is gone. */
export class ScriptedPty {
  /** What the driver opens: a link to the terminal. */
  readonly path: string;
  readonly #child: ChildProcess;
  /** Holds the terminal open, as socat ends when its last user closes it. */
  readonly #keeper: number;
  #gone = false;

  private constructor(path: string, child: ChildProcess, keeper: number) {
    this.path = path;
    this.#child = child;
    this.#keeper = keeper;
  }

  static async open(path: string, onData: (bytes: Buffer) => void): Promise<ScriptedPty> {
    await rm(path, { force: true });
    const child = spawn("socat", ["-d", "-d", "-b", "4096", `PTY,link=${path},raw,echo=0`, "STDIO"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    const ready = Promise.withResolvers<void>();
    let said = "";
    child.once("error", (cause) => ready.reject(new Error("socat does not start; install the Debian package socat", { cause })));
    child.once("exit", () => ready.reject(new Error(`socat ended: ${said}`)));
    child.stderr.on("data", (bytes: Buffer) => {
      said += bytes.toString();
      if (said.includes("starting data transfer loop")) ready.resolve();
      said = said.slice(-2_000);
    });
    // Writing to a terminal that is being taken away is what an unplug is; there is nobody to tell.
    child.stdin.on("error", () => {});
    child.stdout.on("data", onData);
    await ready.promise;
    return new ScriptedPty(path, child, openSync(path, constants.O_RDWR | constants.O_NOCTTY));
  }

  write(bytes: Uint8Array): void {
    if (!this.#gone) this.#child.stdin?.write(bytes);
  }

  /** Takes nothing more: what is written to the terminal stays there until it is full. */
  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  /** The terminal is no more from here on; resolves when its process has ended, too. */
  async vanish(): Promise<void> {
    if (this.#gone) return;
    this.#gone = true;
    const ended = this.#child.exitCode === null && this.#child.signalCode === null ? once(this.#child, "close") : undefined;
    this.#child.kill("SIGKILL");
    closeSync(this.#keeper);
    await rm(this.path, { force: true });
    await ended;
  }
}
