/** The modems and whoever calls them, in a process of their own, so that what they cost is not counted as the box's. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@sitebox/core/kernel";
import { callsOf, openScriptedModem, type ScriptedModem, ScriptedNetwork, ScriptedPhone } from "@sitebox/drivers/gsm/testing";
import { type FromModems, hasClick, LATEST_MS, type ModemsSetup, machineMs, type ToModems } from "./messages.ts";

const FRAME_MS = 20;
const FRAME_BYTES = 320;
/** Between two clicks; not a multiple of a frame's time, so that they fall anywhere between two frames. */
const CLICK_EVERY = 53;

const tell = (message: FromModems) => process.send?.(message);

/** A caller who talks all the time, and a modem whose clicks are watched. */
class Talker {
  readonly #modem: ScriptedModem;
  readonly #phone: ScriptedPhone;
  readonly #phase: number;
  #frames = 0;
  #timer: Disposable | undefined;
  #measuring = false;
  #pieceAt: number | undefined;
  readonly #underWay: number[] = [];
  readonly written: number[] = [];
  readonly loops: number[] = [];
  readonly gaps: number[] = [];

  constructor(modem: ScriptedModem, phone: ScriptedPhone, phase: number) {
    this.#modem = modem;
    this.#phone = phone;
    this.#phase = phase;
    const write = modem.writeAudio.bind(modem);
    modem.writeAudio = (bytes) => {
      if (this.#measuring && hasClick(Buffer.from(bytes))) {
        const at = machineMs();
        this.written.push(at);
        this.#underWay.push(at);
      }
      write(bytes);
    };
    modem.onAudio((bytes) => this.#came(bytes));
  }

  get talking(): boolean {
    return this.#phone.state === "active";
  }

  call(): void {
    void this.#phone.call(this.#modem.identity.number);
    const startedAt = systemClock.monotonic();
    const next = () => {
      this.#say();
      this.#timer = systemClock.after(Math.max(0, startedAt + this.#frames * FRAME_MS - systemClock.monotonic()), next);
    };
    next();
  }

  measure(): void {
    this.#measuring = true;
    this.#pieceAt = undefined;
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#phone.hangUp();
  }

  /** A tone, which costs what speech costs, and now and then a click. */
  #say(): void {
    const frame = Buffer.alloc(FRAME_BYTES);
    for (let at = 0; at < FRAME_BYTES / 2; at++) {
      const sample = 3_000 * Math.sin((2 * Math.PI * 440 * (this.#frames * 160 + at)) / 8_000);
      frame.writeInt16LE(Math.round(sample), at * 2);
    }
    this.#frames += 1;
    if ((this.#frames + this.#phase) % CLICK_EVERY === 0) frame.writeInt16LE(30_000, 0);
    this.#phone.say(frame);
  }

  #came(bytes: Buffer): void {
    if (!this.#measuring) return;
    const at = machineMs();
    if (this.#pieceAt !== undefined) this.gaps.push(at - this.#pieceAt);
    this.#pieceAt = at;
    if (!hasClick(bytes)) return;
    // One that was lost on the way is not taken for the one behind it.
    const written = this.#underWay.splice(0).find((one) => at - one < LATEST_MS);
    if (written !== undefined) this.loops.push(at - written);
  }
}

class Modems {
  readonly #owned = new AsyncDisposableStack();
  readonly #talkers: Talker[] = [];

  async open({ modems, sound }: ModemsSetup): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "sitebox-bench-modems-"));
    this.#owned.defer(() => rm(folder, { recursive: true, force: true }));
    const network = new ScriptedNetwork();
    const ports = [];
    for (let n = 0; n < modems; n++) {
      const number = `1390000000${n}`;
      const modem = this.#owned.use(await openScriptedModem({ folder, network, identity: { number } }));
      const calls = callsOf(modem);
      if (calls) calls.misbehaviour = { sound };
      const phone = this.#owned.use(new ScriptedPhone({ network, number: `1380000000${n}`, clock: systemClock }));
      this.#talkers.push(new Talker(modem, phone, n * 7));
      ports.push({ number, atPort: modem.atPath, audioPort: modem.audioPath });
    }
    tell({ type: "open", ports });
  }

  async call(): Promise<void> {
    for (const talker of this.#talkers) talker.call();
    while (!this.#talkers.every(({ talking }) => talking)) await systemClock.sleep(50);
    tell({ type: "talking" });
  }

  measure(): void {
    for (const talker of this.#talkers) talker.measure();
  }

  stop(): void {
    for (const talker of this.#talkers) talker.stop();
    tell({
      type: "heard",
      loops: this.#talkers.flatMap(({ loops }) => loops),
      clicks: this.#talkers.reduce((sum, { written }) => sum + written.length, 0),
      gaps: this.#talkers.flatMap(({ gaps }) => gaps),
      written: this.#talkers.map(({ written }) => written),
    });
  }

  async close(): Promise<void> {
    for (const talker of this.#talkers) talker.stop();
    await this.#owned.disposeAsync();
  }
}

const modems = new Modems();
process.on("message", (message: ToModems) => {
  switch (message.type) {
    case "open":
      void modems.open(message.setup);
      break;
    case "call":
      void modems.call();
      break;
    case "measure":
      modems.measure();
      break;
    case "stop":
      modems.stop();
      break;
  }
});
process.once("disconnect", () => void modems.close());
