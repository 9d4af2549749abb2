import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@sitebox/core/testing";
import { toneFrames } from "../../line/testing/index.ts";

/** A program that runs for a test; disposing ends it. */
export interface Running extends AsyncDisposable {
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
  /** Resolves when it has written `text`, which it may have done already. Rejects with all that it wrote when it ends before. */
  said(text: string): Promise<void>;
  /** Resolves with what `work` gives. Rejects with all that it wrote when it fails before. */
  during<T>(work: Promise<T>): Promise<T>;
}

/** Starts a program of the machine. @throws with the package's name when it is not installed. */
export async function run(
  program: string,
  args: readonly string[],
  options: { readonly debian: string; readonly cwd?: string; readonly stop?: NodeJS.Signals },
): Promise<Running> {
  const child: ChildProcess = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  let text = "";
  let wake = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      wake.resolve();
      wake = Promise.withResolvers();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  const ended = async (): Promise<never> => {
    throw new Error(`${program} ended with ${await exited}:\n${text}`);
  };
  await once(child, "spawn").catch((cause: unknown) => {
    throw new Error(`${program} is not installed: apt-get install ${options.debian}`, { cause });
  });
  return {
    exited,
    async said(wanted) {
      while (!text.includes(wanted)) await Promise.race([wake.promise, ended()]);
    },
    during: (work) => Promise.race([work, exited.then((code) => (code === 0 ? work : ended()))]),
    async [Symbol.asyncDispose]() {
      child.kill(options.stop ?? "SIGKILL");
      await exited;
    },
  };
}

const scenario = (name: string) => fileURLToPath(new URL(`scenarios/${name}.xml`, import.meta.url));

export interface SippOptions {
  /** A scenario beside this file, or one of sipp's own: "uac", "uas". */
  readonly scenario: string;
  readonly target?: string;
  readonly transport?: "udp" | "tcp";
  readonly args?: readonly string[];
  readonly port?: number;
}

/** Runs sipp once through a scenario on 127.0.0.1. */
export function sipp({ scenario: name, target, transport = "udp", args = [], port }: SippOptions): Promise<Running> {
  const what = name === "uac" || name === "uas" ? ["-sn", name] : ["-sf", scenario(name)];
  const way = ["-t", transport === "udp" ? "u1" : "t1", "-i", "127.0.0.1", ...(port === undefined ? [] : ["-p", String(port)])];
  const common = ["-nostdin", "-timeout", "10", "-timeout_error", "-m", "1"];
  return run("sipp", [...(target === undefined ? [] : [target]), ...what, ...way, ...common, ...args], {
    debian: "sip-tester",
    cwd: tmpdir(),
  });
}

export interface Baresip extends Running {
  /** Runs a command of baresip's menu, e.g. `dial` with a URI. */
  command(name: string, params?: string): Promise<void>;
}

export interface BaresipOptions {
  readonly account: string;
  /** Heard by who talks with it. */
  readonly toneHz: number;
  /** Further lines of its configuration, e.g. "module srtp.so". */
  readonly config?: readonly string[];
}

/** A headless baresip: its microphone is a tone, and it answers nothing by itself. */
export async function baresip({ account, toneHz, config = [] }: BaresipOptions): Promise<Baresip> {
  const dir = await mkdtemp(join(tmpdir(), "baresip-"));
  const control = await freePort();
  await writeFile(join(dir, "tone.wav"), wavOf([...toneFrames(toneHz, 500)]));
  await writeFile(join(dir, "accounts"), `${account}\n`);
  await writeFile(join(dir, "config"), [baresipConfig(dir, control), ...config, ""].join("\n"));
  const running = await run("baresip", ["-f", dir], { debian: "baresip-core" });
  return {
    ...running,
    async command(command, params = "") {
      const text = JSON.stringify({ command, params });
      const socket = createConnection(control, "127.0.0.1");
      await once(socket, "connect");
      socket.write(`${text.length}:${text},`);
      await once(socket, "data");
      socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
}

const baresipConfig = (dir: string, control: number) => `
sip_listen 127.0.0.1:0
net_interface 127.0.0.1
audio_source aufile,${dir}/tone.wav
audio_player aubridge,nobody
audio_alert aubridge,nobody
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:${control}
`;

/** A wav file of 8 kHz mono 16 bit. */
function wavOf(frames: readonly Int16Array[]): Buffer {
  const data = Buffer.concat(frames.map((frame) => Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)));
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(16_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}
