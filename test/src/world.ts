import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "@sitebox/core/testing";
import { type BoxConfigInput, type DemoUplink, demoBox } from "@sitebox/provisioning";
import { ApiClient } from "./api-client.ts";
import { modelsDir, repository } from "./environment.ts";

export interface Ready {
  readonly ready: string;
  readonly url: string;
  readonly sip?: string;
  readonly notes: readonly string[];
  /** One-time passwords of the first start. */
  readonly accounts?: readonly { readonly name: string; readonly password: string }[];
  readonly caFingerprint?: string;
  readonly enrolUrl?: string;
}

/** One that hangs while it starts is killed before a test's own patience ends, so that its log is told and nothing of it stays. */
const START_PATIENCE_MS = 100_000;
/** How much of a log tells why its process ended. */
const LAST_LINES = 20;
const lastLines = async (file: string): Promise<string> =>
  (await readFile(file, "utf8")).split("\n").slice(-LAST_LINES).join("\n");

/** One server of the product as a process of its own, so that it can be killed as a power cut would. */
export class Server implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly ready: Ready;

  private constructor(process: ChildProcess, ready: Ready) {
    this.#process = process;
    this.ready = ready;
  }

  static async start(main: string, configFile: string, logFile: string): Promise<Server> {
    const process_ = spawn(process.execPath, [join(repository, main), "--config", configFile], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const log = createWriteStream(logFile, { flags: "a" });
    process_.stderr.pipe(log, { end: false });
    const ready = Promise.withResolvers<Ready>();
    createInterface({ input: process_.stdout }).on("line", (line) => {
      log.write(`${line}\n`);
      if (line.startsWith('{"ready":')) ready.resolve(JSON.parse(line) as Ready);
    });
    process_.once("close", (code, signal) => {
      const told = async () => `${main} ended (${code ?? signal}); its log, ${logFile}, ends:\n${await lastLines(logFile)}`;
      log.write("\n", () => void told().then((text) => ready.reject(new Error(text))));
    });
    const patience = setTimeout(() => process_.kill("SIGKILL"), START_PATIENCE_MS);
    try {
      return new Server(process_, await ready.promise);
    } finally {
      clearTimeout(patience);
    }
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** As a power cut: nothing is closed. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill(signal);
    await exited;
  }
}

interface Ports {
  readonly headquarters: { readonly http: number; readonly mqtt: number; readonly enrol: number };
  readonly box: { readonly http: number; readonly sip: number; readonly webrtc: number };
}

const choosePorts = async (): Promise<Ports> => ({
  headquarters: { http: await freePort(), mqtt: await freePort(), enrol: await freePort() },
  box: { http: await freePort(), sip: await freePort(), webrtc: await freePort() },
});

export interface WorldOptions {
  /** Changes to the demo box's config. */
  readonly box?: Record<string, unknown>;
  /** The demo box's config as the test wants it. */
  readonly configure?: (box: BoxConfigInput) => BoxConfigInput;
  readonly headquarters?: boolean;
}

export interface LoginAs {
  readonly name: string;
  readonly password: string;
}

const LOG_PATIENCE_MS = 30_000;
const LOG_POLL_MS = 50;
const NEW_PASSWORD = "a-long-enough-password";

/**
 * A demo hotel's box and its headquarters as real processes on ephemeral ports, with logs and data in a folder of their own.
 * Ports are kept over restarts, so that telephones and browsers find them again.
 */
export class World implements AsyncDisposable {
  readonly folder: string;
  readonly #options: WorldOptions;
  #box: Server | undefined;
  #headquarters: Server | undefined;
  readonly #passwords = new Map<string, string>();
  readonly #ports: Ports;
  readonly #demo: BoxConfigInput;
  #uplink: DemoUplink | undefined;

  private constructor(folder: string, options: WorldOptions, ports: Ports) {
    this.folder = folder;
    this.#ports = ports;
    this.#options = options;
    this.#demo = (options.configure ?? ((box) => box))(demoBox());
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const world = new World(await mkdtemp(join(tmpdir(), "sitebox-world-")), options, await choosePorts());
    if (options.headquarters ?? true) await world.startHeadquarters();
    return world;
  }

  get box(): Server {
    if (!this.#box) throw new Error("the box is not started");
    return this.#box;
  }

  get headquarters(): Server {
    if (!this.#headquarters) throw new Error("headquarters is not started");
    return this.#headquarters;
  }

  get dataDir(): string {
    return join(this.folder, "box");
  }

  async startHeadquarters(): Promise<Server> {
    const file = join(this.folder, "headquarters.json");
    await writeFile(
      file,
      JSON.stringify({
        dataDir: join(this.folder, "headquarters"),
        http: { host: "127.0.0.1", port: this.#ports.headquarters.http },
        mqtt: { host: "127.0.0.1", port: this.#ports.headquarters.mqtt },
        enrol: { host: "127.0.0.1", port: this.#ports.headquarters.enrol },
        logLevel: "info",
      }),
    );
    this.#headquarters = await Server.start("cloud/src/main.ts", file, join(this.folder, "headquarters.log"));
    const { ready } = this.#headquarters;
    const { enrolUrl, caFingerprint } = ready;
    if (enrolUrl && caFingerprint) this.#uplink = { enrolUrl, caFingerprint };
    this.#remember("hq", ready);
    return this.#headquarters;
  }

  async startBox(): Promise<Server> {
    const file = join(this.folder, "box.json");
    await writeFile(
      file,
      JSON.stringify({
        ...this.#demo,
        dataDir: this.dataDir,
        modelsDir: modelsDir(),
        http: { host: "127.0.0.1", port: this.#ports.box.http },
        sip: { ...this.#demo.sip, listen: { host: "127.0.0.1", port: this.#ports.box.sip } },
        webrtc: { host: "127.0.0.1", port: this.#ports.box.webrtc },
        ...(this.#uplink && { uplink: this.#uplink }),
        logLevel: "debug",
        ...this.#options.box,
      }),
    );
    this.#box = await Server.start("appliance/src/main.ts", file, join(this.folder, "box.log"));
    const { ready } = this.#box;
    this.#remember("box", ready);
    return this.#box;
  }

  /** The password of an extension. */
  extension(number: string): { readonly number: string; readonly password: string; readonly registrar: string } {
    const extension = this.#demo.sip?.extensions?.find((one) => one.number === number);
    if (!extension) throw new Error(`the demo has no extension ${number}`);
    return { number, password: extension.password, registrar: this.box.ready.sip ?? "" };
  }

  /** The SIP address of a number of the box. */
  sip(number: string): string {
    return `sip:${number}@${this.box.ready.sip}`;
  }

  /** Logs in at the box or at headquarters, setting a lasting password where it is the first time. */
  async login(where: "box" | "hq", name: string): Promise<ApiClient> {
    const url = (where === "box" ? this.box : this.headquarters).ready.url;
    const client = new ApiClient(url);
    const first = this.#passwords.get(`${where}/${name}`);
    if (first === undefined) throw new Error(`no password is known for ${name} of ${where}`);
    const account = (await client.post("/api/login", { name, password: first })) as { mustChangePassword: boolean };
    if (account.mustChangePassword) {
      await client.post("/api/password", { current: first, next: NEW_PASSWORD });
      this.#passwords.set(`${where}/${name}`, NEW_PASSWORD);
    }
    return client;
  }

  /** All that the box has logged so far. */
  log(): Promise<string> {
    return readFile(join(this.folder, "box.log"), "utf8");
  }

  /** Resolves with the line of the box's log that fits; rejects when none comes in time. */
  async logged(pattern: RegExp): Promise<string> {
    const deadline = performance.now() + LOG_PATIENCE_MS;
    while (performance.now() < deadline) {
      const line = (await this.log()).split("\n").find((one) => pattern.test(one));
      if (line !== undefined) return line;
      await wait(LOG_POLL_MS);
    }
    throw new Error(`the box's log has no line like ${pattern}`);
  }

  /** The password that a page logs in with, set beforehand. */
  async password(where: "box" | "hq", name: string): Promise<string> {
    await this.login(where, name);
    return NEW_PASSWORD;
  }

  /** Headquarters accepts the box by the code that the box shows. */
  async enrol(): Promise<void> {
    const desk = await this.login("box", "admin");
    const console_ = await this.login("hq", "admin");
    const { claimCode } = (await desk.until(
      "/api/uplink",
      (uplink: { claimCode?: string }) => uplink.claimCode !== undefined,
    )) as { claimCode: string };
    await console_.until("/api/claims", (claims: { code: string }[]) => claims.some(({ code }) => code === claimCode));
    await console_.post("/api/claims", { code: claimCode });
    await desk.until("/api/uplink", (uplink: { state: string }) => uplink.state === "online");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#box?.stop();
    await this.#headquarters?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  #remember(where: string, ready: Ready): void {
    for (const { name, password } of ready.accounts ?? []) this.#passwords.set(`${where}/${name}`, password);
  }
}
