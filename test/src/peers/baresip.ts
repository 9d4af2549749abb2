import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@sitebox/core/testing";
import { Ear, toneFile } from "./sound.ts";

/** What a telephone needs to log in. */
export interface TelephoneAccount {
  readonly number: string;
  readonly password: string;
  /** host:port */
  readonly registrar: string;
}

export interface BaresipOptions {
  /** Registers as this extension; without it the caller is a stranger. */
  readonly account?: TelephoneAccount;
  /** host:port where it listens as a stranger; a free port unless told. */
  readonly listen?: string;
  /** Answers by itself. */
  readonly autoAnswer?: boolean;
  /** The tone it says, so that it is known where it is heard; silence unless told. */
  readonly tone?: number;
  readonly transport?: "udp" | "tcp" | "tls";
  /** Its own certificate and key in one file, for who wants to see one. It looks at no one else's: baresip 1.0 cannot be made to. */
  readonly certificateFile?: string;
  /** SRTP with keys in the description (SDES); "srtp-mand" takes nothing else. */
  readonly mediaEncryption?: "srtp" | "srtp-mand";
  /** Does not wait for the registration to succeed: for those that are to fail. */
  readonly mayFail?: boolean;
}

const MODULES = ["g711", "aufile", "aubridge", "sndfile", "srtp"];
const APP_MODULES = ["account", "contact", "menu", "ctrl_tcp"];

/** What a process has said so far, renewed with each piece. */
interface Output {
  text: string;
  arrived: PromiseWithResolvers<void>;
}

/** A baresip process: somebody else's telephone, told what to do through its control port. */
export class Baresip implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #control: Socket;
  readonly #folder: string;
  readonly #output: Output;
  readonly ear: Ear;
  #token = 0;

  private constructor(process: ChildProcess, control: Socket, folder: string, output: Output) {
    this.#process = process;
    this.#control = control;
    this.#folder = folder;
    this.#output = output;
    this.ear = new Ear(() => newestDump(folder));
  }

  /** Resolves when it has said something that fits; rejects when its process has ended. */
  async said(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#output.text)) {
      if (this.#process.exitCode !== null) throw new Error(`baresip ended:\n${this.#output.text}`);
      await this.#output.arrived.promise;
    }
  }

  static async open(options: BaresipOptions = {}): Promise<Baresip> {
    const folder = await mkdtemp(join(tmpdir(), "sitebox-baresip-"));
    const port = await freePort();
    const { account, transport = "udp", mediaEncryption, certificateFile } = options;
    const source = await toneFile(folder, options.tone ?? 0, 600);
    await writeFile(
      join(folder, "config"),
      [
        "module_path /usr/lib/baresip/modules",
        `sip_listen ${options.listen ?? "127.0.0.1:0"}`,
        "audio_player aubridge,nowhere",
        `snd_path ${folder}`,
        `audio_source aufile,${source}`,
        ...(certificateFile === undefined ? [] : [`sip_certificate ${certificateFile}`]),
        "ausrc_srate 8000",
        "auplay_srate 8000",
        "ausrc_channels 1",
        "auplay_channels 1",
        ...MODULES.map((name) => `module ${name}.so`),
        ...APP_MODULES.map((name) => `module_app ${name}.so`),
        `ctrl_tcp_listen 127.0.0.1:${port}`,
        "rtp_ports 30000-40000",
        "call_max_calls 4",
      ].join("\n"),
    );
    const user = account
      ? `<sip:${account.number}@${account.registrar};transport=${transport}>;auth_user=${account.number};auth_pass=${account.password};regint=60`
      : "<sip:13800138000@127.0.0.1>;regint=0";
    await writeFile(
      join(folder, "accounts"),
      `${user};audio_codecs=PCMA/8000/1;answermode=${options.autoAnswer ? "auto" : "manual"}${mediaEncryption ? `;mediaenc=${mediaEncryption}` : ""}\n`,
    );
    await writeFile(join(folder, "contacts"), "");
    const process = spawn("baresip", ["-4", "-f", folder], { stdio: ["ignore", "pipe", "pipe"] });
    const output = { text: "", arrived: Promise.withResolvers<void>() };
    const read = (chunk: Buffer) => {
      output.text += chunk.toString();
      output.arrived.resolve();
      output.arrived = Promise.withResolvers();
    };
    process.stdout?.on("data", read);
    process.stderr?.on("data", read);
    process.once("error", () => read(Buffer.from("baresip could not be started: install Debian's package baresip")));
    process.once("exit", () => read(Buffer.from("\n")));
    const registered = account && !options.mayFail ? /200 OK/ : /baresip is ready/;
    while (!registered.test(output.text)) {
      if (process.exitCode !== null || process.pid === undefined) throw new Error(`baresip ended:\n${output.text}`);
      await output.arrived.promise;
    }
    const control = connect(port, "127.0.0.1");
    await once(control, "connect");
    return new Baresip(process, control, folder, output);
  }

  async dial(uri: string): Promise<void> {
    await this.#command("dial", uri);
  }

  async hangUp(): Promise<void> {
    await this.#command("hangup", "");
  }

  async accept(): Promise<void> {
    await this.#command("accept", "");
  }

  async hold(): Promise<void> {
    await this.#command("hold", "");
  }

  async resume(): Promise<void> {
    await this.#command("resume", "");
  }

  /** Hands the current call over without asking. */
  async transfer(uri: string): Promise<void> {
    await this.#command("transfer", uri);
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

/** The sound that baresip's module sndfile is writing now: a new file begins with each stream. */
async function newestDump(folder: string): Promise<string | undefined> {
  const dumps = (await readdir(folder)).filter((name) => name.endsWith("-dec.wav")).map((name) => join(folder, name));
  const times = await Promise.all(dumps.map(async (file) => ({ file, at: (await stat(file)).mtimeMs })));
  return times.toSorted((a, b) => b.at - a.at)[0]?.file;
}
