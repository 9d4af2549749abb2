import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "@sitebox/core/testing";
import type { TelephoneAccount } from "./baresip.ts";
import { Ear, toneFile } from "./sound.ts";

export interface LinphoneOptions {
  readonly account: TelephoneAccount;
  /** Answers by itself. */
  readonly autoAnswer?: boolean;
  /** The tone it says, so that it is known where it is heard. */
  readonly tone?: number;
}

/** The states of linphone's calls, as its log names them. */
export type LinphoneCallState =
  | "IncomingReceived"
  | "StreamsRunning"
  | "Paused"
  | "PausedByRemote"
  | "Released"
  | "End"
  | "Error";

/** A linphonec process: somebody else's telephone, told what to do through its console. */
export class Linphone implements AsyncDisposable {
  readonly ear: Ear;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #lines: string[];
  #arrived: PromiseWithResolvers<void> = Promise.withResolvers();

  private constructor(process: ChildProcess, folder: string, lines: string[]) {
    this.#process = process;
    this.#folder = folder;
    this.#lines = lines;
    this.ear = new Ear(async () => join(folder, "heard.wav"));
  }

  static async open({ account, autoAnswer = false, tone = 0 }: LinphoneOptions): Promise<Linphone> {
    const folder = await mkdtemp(join(tmpdir(), "sitebox-linphone-"));
    const port = await freePort();
    // It makes its databases only in a folder that is there.
    await mkdir(join(folder, ".local/share/linphone"), { recursive: true });
    await writeFile(
      join(folder, "rc"),
      [
        "[sip]",
        `sip_port=${port}`,
        "sip_tcp_port=0",
        "sip_tls_port=0",
        "default_proxy=0",
        "use_ipv6=0",
        "guess_hostname=0",
        `contact=<sip:${account.number}@127.0.0.1>`,
        "[net]",
        "bind_address=127.0.0.1",
        "[rtp]",
        `audio_rtp_port=${await freePort()}`,
        "[sound]",
        "echocancellation=0",
        "[proxy_0]",
        `reg_proxy=<sip:${account.registrar}>`,
        `reg_identity=<sip:${account.number}@${account.registrar.split(":")[0]}>`,
        "reg_expires=600",
        "reg_sendregister=1",
        "publish=0",
        "[auth_info_0]",
        `username=${account.number}`,
        `passwd=${account.password}`,
        ...["opus/48000", "speex/16000", "speex/8000", "PCMU/8000", "PCMA/8000"].flatMap((codec, i) => {
          const [mime, rate] = codec.split("/");
          return [`[audio_codec_${i}]`, `mime=${mime}`, `rate=${rate}`, "channels=1", `enabled=${mime === "PCMA" ? 1 : 0}`];
        }),
      ].join("\n"),
    );
    const source = await toneFile(folder, tone);
    const process = spawn("linphonec", ["-c", join(folder, "rc"), "-d", "6", ...(autoAnswer ? ["-a"] : [])], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: "/usr/bin:/bin", HOME: folder },
    });
    const lines: string[] = [];
    const phone = new Linphone(process, folder, lines);
    for (const output of [process.stdout, process.stderr])
      if (output) createInterface({ input: output }).on("line", (line) => phone.#read(line));
    process.once("error", (error) =>
      phone.#read(`linphonec could not be started: install Debian's package linphone-cli (${error.message})`),
    );
    phone.#say("soundcard use files");
    phone.#say(`play ${source}`);
    phone.#say(`record ${join(folder, "heard.wav")}`);
    await phone.said(/to \[LinphoneRegistrationOk\]/);
    return phone;
  }

  /** Resolves with the first line that fits, of those said since the mark; rejects when the process has ended. */
  async said(pattern: RegExp, since = 0): Promise<string> {
    for (;;) {
      const line = this.#lines.slice(since).find((one) => pattern.test(one));
      if (line !== undefined) return line;
      if (this.#process.exitCode !== null) throw new Error(`linphonec ended:\n${this.#lines.join("\n")}`);
      await this.#arrived.promise;
    }
  }

  /** Resolves when one of its calls has come to a state since the mark. */
  async reaches(state: LinphoneCallState, since = 0): Promise<void> {
    await this.said(new RegExp(`moving from state .* to (\\[?LinphoneCall|\\[?CallSession::State::)?${state}\\b`), since);
  }

  /** How much it has said so far: `said` looks behind this. */
  get mark(): number {
    return this.#lines.length;
  }

  dial(number: string): void {
    this.#say(`call ${number}`);
  }

  answer(): void {
    this.#say("answer");
  }

  hold(): void {
    this.#say("pause");
  }

  resume(call = 1): void {
    this.#say(`resume ${call}`);
  }

  /** Hands the current call over without asking. */
  transfer(to: string): void {
    this.#say(`transfer ${to}`);
  }

  /** Joins the far ends of two of its calls and leaves. */
  transferToCall(call: number, other: number): void {
    this.#say(`transfer ${call} --to-call ${other}`);
  }

  hangUp(): void {
    this.#say("terminate");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, "exit");
      this.#process.kill("SIGKILL");
      await exited;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  #say(command: string): void {
    this.#process.stdin?.write(`${command}\n`);
  }

  #read(line: string): void {
    this.#lines.push(line);
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }
}
