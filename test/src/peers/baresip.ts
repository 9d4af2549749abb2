import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../free-port.ts";

export interface BaresipOptions {
  /** Registers as this extension; without it the caller is a stranger. */
  readonly account?: { readonly number: string; readonly password: string; readonly registrar: string };
  /** Answers by itself. */
  readonly autoAnswer?: boolean;
}

const MODULES = ["g711", "aufile"];
const APP_MODULES = ["account", "contact", "menu", "ctrl_tcp"];

/** A baresip process: somebody else's telephone, told what to do through its control port. */
export class Baresip implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #control: Socket;
  readonly #folder: string;
  #token = 0;

  private constructor(process: ChildProcess, control: Socket, folder: string) {
    this.#process = process;
    this.#control = control;
    this.#folder = folder;
  }

  /** What it has heard: two wav files by baresip itself, one for each direction of playing. */
  get heardFile(): string {
    return join(this.#folder, "heard.wav");
  }

  static async open(options: BaresipOptions = {}): Promise<Baresip> {
    const folder = await mkdtemp(join(tmpdir(), "sitebox-baresip-"));
    const port = await freePort();
    const { account } = options;
    await writeFile(join(folder, "silence.wav"), silence(600));
    await writeFile(
      join(folder, "config"),
      [
        "module_path /usr/lib/baresip/modules",
        "sip_listen 127.0.0.1:0",
        `audio_player aufile,${join(folder, "heard.wav")}`,
        `audio_source aufile,${join(folder, "silence.wav")}`,
        "ausrc_srate 8000",
        "auplay_srate 8000",
        "ausrc_channels 1",
        "auplay_channels 1",
        ...MODULES.map((name) => `module ${name}.so`),
        ...APP_MODULES.map((name) => `module_app ${name}.so`),
        `ctrl_tcp_listen 127.0.0.1:${port}`,
        "rtp_ports 30000-40000",
        "call_max_calls 2",
      ].join("\n"),
    );
    const user = account
      ? `<sip:${account.number}@${account.registrar};transport=udp>;auth_user=${account.number};auth_pass=${account.password};regint=60`
      : "<sip:13800138000@127.0.0.1>;regint=0";
    await writeFile(
      join(folder, "accounts"),
      `${user};audio_codecs=PCMA/8000/1;answermode=${options.autoAnswer ? "auto" : "manual"}\n`,
    );
    await writeFile(join(folder, "contacts"), "");
    const process = spawn("baresip", ["-4", "-f", folder], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const ready = Promise.withResolvers<void>();
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(account ? "200 OK" : "baresip is ready")) ready.resolve();
    };
    process.stdout?.on("data", read);
    process.stderr?.on("data", read);
    process.once("error", (error) =>
      ready.reject(new Error("baresip could not be started: install Debian's package baresip", { cause: error })),
    );
    process.once("exit", () => ready.reject(new Error(`baresip ended:\n${output}`)));
    await ready.promise;
    const control = connect(port, "127.0.0.1");
    await once(control, "connect");
    return new Baresip(process, control, folder);
  }

  async dial(uri: string): Promise<void> {
    await this.#command("dial", uri);
  }

  async hangUp(): Promise<void> {
    await this.#command("hangup", "");
  }

  /** Says a wav file (8 kHz mono) from now on. At its end baresip hangs up, so it has to end with silence enough. */
  async say(wav: string): Promise<void> {
    await this.#command("ausrc", `aufile,${wav}`);
  }

  /** Presses keys, as RFC 4733 events. */
  async press(keys: string): Promise<void> {
    for (const key of keys) await this.#command("sndcode", key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#control.destroy();
    if (this.#process.exitCode === null) {
      const exited = once(this.#process, "exit");
      this.#process.kill("SIGKILL");
      await exited;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #command(command: string, params: string): Promise<void> {
    const token = String(++this.#token);
    const text = JSON.stringify({ command, params, token });
    const answered = new Promise<void>((resolve) => {
      const read = (chunk: Buffer) => {
        if (!chunk.toString().includes(`"token":"${token}"`)) return;
        this.#control.off("data", read);
        resolve();
      };
      this.#control.on("data", read);
    });
    this.#control.write(`${Buffer.byteLength(text)}:${text},`);
    await answered;
  }
}

/** A wav file of `seconds` of silence, 8 kHz mono. */
function silence(seconds: number): Buffer {
  const bytes = seconds * 16_000;
  const header = Buffer.from(
    "RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0",
    "latin1",
  );
  header.writeUInt32LE(36 + bytes, 4);
  header.writeUInt32LE(bytes, 40);
  return Buffer.concat([header, Buffer.alloc(bytes)]);
}
