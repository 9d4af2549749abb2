import type { Clock, Log } from "@sitebox/core/kernel";
import { type Digit, FRAME_SAMPLES } from "@sitebox/drivers/line";
import type { FarLinks } from "./far-links.ts";
import { FrameCollector } from "./frame-batch.ts";
import { FrameInbox } from "./frame-inbox.ts";
import { type Carrier, Leg } from "./leg.ts";
import { type DueSlots, Pacer } from "./pacer.ts";
import type { FromWorker, LegMessage, Questions, ToWorker } from "./protocol.ts";
import { DiskQueue, RecordingFile } from "./recording-file.ts";
import { RtpSocket } from "./rtp-socket.ts";
import { bindPair } from "./udp.ts";

interface Deps {
  readonly clock: Clock;
  readonly log: Log;
  readonly far: FarLinks;
  readonly send: (message: FromWorker) => void;
  /** Sends what is no use later: dropped while the main process does not read. */
  readonly offer: (message: FromWorker) => void;
}

/** Of a worker that slept for longer, only the last half second is made up for; the rest of the time is gone. */
const MAX_CATCH_UP = 25;

const NOTHING: Int16Array = new Int16Array(FRAME_SAMPLES);

type Answers = {
  [K in keyof Questions]: (args: Questions[K]["args"]) => Questions[K]["answer"] | Promise<Questions[K]["answer"]>;
};

/** All legs of one worker and the one pacer that drives them. */
export class MediaWorker {
  readonly #deps: Deps;
  readonly #legs = new Map<number, Leg>();
  readonly #pacer: Pacer;
  readonly #disk = new DiskQueue();
  readonly #heard = new FrameCollector();
  readonly #spoken = new FrameCollector();
  #running = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#pacer = new Pacer(deps.clock.monotonic());
  }

  /** Takes one message of the main process. What concerns a leg that is gone is no error: messages cross on their way. */
  async handle(message: Exclude<ToWorker, { type: "start" }>): Promise<void> {
    if (message.type === "ask") return this.#ask(message.id, message.what, message.args);
    if (message.type === "ping") return this.#deps.send({ type: "pong" });
    if (message.type === "openFrames") return this.#add(message.leg, this.#frameCarrier(message.leg));
    const leg = this.#legs.get(message.leg);
    if (leg) this.#tell(leg, message);
  }

  #tell(leg: Leg, message: LegMessage): void {
    switch (message.type) {
      case "connect":
        if (leg.carrier instanceof RtpSocket) leg.carrier.connect(message.remote);
        break;
      case "heard":
        if (leg.carrier instanceof FrameCarrier) leg.carrier.inbox.push(message.samples);
        break;
      case "press":
        if (leg.carrier instanceof RtpSocket) leg.carrier.press(message.digits);
        break;
      case "write":
        leg.write(message.samples);
        break;
      case "play":
        leg.plays.add(message.sound);
        leg.plays.feed(message.sound, message.samples, message.complete);
        break;
      case "feed":
        leg.plays.feed(message.sound, message.samples, message.complete);
        break;
      case "stopSound":
        leg.plays.stop(message.sound);
        this.#tellSounds(leg);
        break;
      case "listen":
        leg.listening = message.on;
        break;
    }
  }

  async #ask<K extends keyof Questions>(id: number, what: K, args: Questions[K]["args"]): Promise<void> {
    try {
      const answer = await (this.#answers[what] as Answers[K])(args);
      this.#deps.send({ type: "answer", id, answer });
    } catch (error) {
      this.#deps.send({ type: "refused", id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  readonly #answers: Answers = {
    openRtp: async ({ leg, address, port }) => {
      const ports = await bindPair(address, port);
      if (!ports) return { bound: false };
      const deps = {
        log: this.#deps.log.child("rtp", { leg, localPort: port }),
        now: () => this.#deps.clock.monotonic(),
        onDigit: (digit: Digit) => this.#deps.send({ type: "digit", leg, digit }),
        onQuiet: (quietMs: number, from?: string) =>
          this.#deps.send({ type: "event", leg, event: { type: "quiet", quietMs, ...(from !== undefined && { from }) } }),
        onHeardAgain: () => this.#deps.send({ type: "event", leg, event: { type: "heard-again" } }),
      };
      const carrier = new RtpSocket(ports, deps);
      this.#add(leg, carrier);
      return { bound: true, ssrc: carrier.ssrc };
    },
    flush: ({ leg: id }) => {
      const leg = this.#leg(id);
      leg.flush();
      this.#tellSounds(leg);
      return null;
    },
    hear: ({ leg, link, other: id }) => {
      const other = this.#leg(id);
      this.#leg(leg).link(link, () => other.heard);
      return null;
    },
    hearFar: ({ leg, link }) => {
      const listener = this.#leg(leg);
      const inbox = this.#deps.far.open(link);
      listener.link(link, (behind) => inbox.pull(behind));
      return null;
    },
    tellFar: ({ leg, link, port }) => {
      const far = this.#deps.far;
      this.#leg(leg).tellFar(link, (frame) => far.put({ port, link }, frame));
      return null;
    },
    unlink: ({ leg, link }) => {
      this.#leg(leg).unlink(link);
      this.#deps.far.forget(link);
      return null;
    },
    record: async ({ leg: id, recording, file }) => {
      const leg = this.#leg(id);
      const log = this.#deps.log.child("recording", { leg: id, file });
      const onFailure = (err: unknown) => log.error("the recording has a gap: its file cannot be written", { err: String(err) });
      const target = new RecordingFile(file, this.#pacer.next, { disk: this.#disk, onFailure });
      leg.recordings.set(recording, target);
      await target.open().catch((error: unknown) => {
        leg.recordings.delete(recording);
        throw error;
      });
      return null;
    },
    pauseRecording: ({ leg, recording, paused }) => {
      const target = this.#leg(leg).recordings.get(recording);
      if (target) target.paused = paused;
      return null;
    },
    stopRecording: ({ leg: id, recording }) => {
      const leg = this.#leg(id);
      const target = leg.recordings.get(recording);
      if (!target) throw new Error("no such recording");
      leg.recordings.delete(recording);
      return target.finish();
    },
    stats: ({ leg }) => this.#leg(leg).carrier.stats(),
    close: ({ leg }) => this.#close(this.#leg(leg)),
  };

  #leg(id: number): Leg {
    const leg = this.#legs.get(id);
    if (!leg) throw new Error("the leg is closed");
    return leg;
  }

  #frameCarrier(leg: number): Carrier {
    return new FrameCarrier((slot, frame) => this.#spoken.add(leg, slot, frame));
  }

  #add(id: number, carrier: Carrier): void {
    this.#legs.set(id, new Leg(id, carrier));
    if (this.#running) return;
    this.#running = true;
    // The slots of the time without legs are nobody's.
    this.#pacer.due(this.#deps.clock.monotonic());
    this.#wait();
  }

  /** Closes all legs and finishes their recordings. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#legs.values()].map((leg) => this.#close(leg)));
    this.#deps.far.close();
  }

  async #close(leg: Leg) {
    this.#legs.delete(leg.id);
    for (const link of leg.end()) this.#deps.far.forget(link);
    this.#tellSounds(leg);
    const stats = leg.carrier.stats();
    await leg.carrier.close();
    for (const [recording, file] of leg.recordings)
      this.#deps.send({ type: "recorded", leg: leg.id, recording, recorded: await file.finish() });
    return stats;
  }

  #wait(): void {
    this.#deps.clock.after(Math.ceil(this.#pacer.waitMs(this.#deps.clock.monotonic())), () => {
      // Sockets are read between a timer and an immediate: packets that waited while this process slept are in before they are missed.
      setImmediate(() => this.#turn());
    });
  }

  #turn(): void {
    if (this.#legs.size === 0) {
      this.#running = false;
      return;
    }
    const due = this.#pacer.due(this.#deps.clock.monotonic());
    if (due) this.#run(due);
    this.#wait();
  }

  #run({ from, to }: DueSlots): void {
    for (let slot = Math.max(from, to - MAX_CATCH_UP); slot <= to; slot++) {
      for (const leg of this.#legs.values()) this.#hear(leg, slot, to - slot);
      this.#deps.far.flush();
      for (const leg of this.#legs.values()) this.#speak(leg, slot, to - slot);
    }
    const heard = this.#heard.take();
    if (heard) this.#deps.offer({ type: "heard", ...heard });
    const spoken = this.#spoken.take();
    if (spoken) this.#deps.offer({ type: "spoken", ...spoken });
  }

  #hear(leg: Leg, slot: number, behind: number): void {
    try {
      leg.hear(behind);
      const own = leg.ownSlot(slot);
      if (leg.listening && own !== undefined) this.#heard.add(leg.id, own, leg.heard);
    } catch (err) {
      this.#lose(leg, err);
    }
  }

  #speak(leg: Leg, slot: number, behind: number): void {
    try {
      let frame: Int16Array | undefined;
      if (behind > 0) leg.passOver(behind);
      else {
        frame = leg.speak();
        leg.carrier.send(slot, frame);
        if (!leg.plays.isQuiet) this.#tellSounds(leg);
      }
      for (const recording of leg.recordings.values()) recording.put(slot, leg.heard, frame ?? NOTHING);
    } catch (err) {
      this.#lose(leg, err);
    }
  }

  #tellSounds(leg: Leg): void {
    for (const { sound, outcome, playedSamples } of leg.plays.ended())
      this.#deps.send({ type: "soundEnded", leg: leg.id, sound, outcome, playedMs: playedSamples / 8 });
    for (const sound of leg.plays.hungry()) this.#deps.send({ type: "soundWants", leg: leg.id, sound });
  }

  /** A leg that fails costs its own call and no other of this worker's. */
  #lose(leg: Leg, err: unknown): void {
    this.#deps.log.error("a leg failed and is closed", { leg: leg.id, err: err instanceof Error ? err.stack : String(err) });
    const told = () => this.#deps.send({ type: "lost", leg: leg.id });
    this.#close(leg).then(told, told);
  }
}

/** A leg whose sound comes and goes frame by frame through the main process. */
class FrameCarrier implements Carrier {
  readonly inbox = new FrameInbox();
  readonly isUp = true;
  readonly maySend = true;
  readonly #toMain: (slot: number, frame: Int16Array) => void;
  #sent = 0;

  constructor(toMain: (slot: number, frame: Int16Array) => void) {
    this.#toMain = toMain;
  }

  hear(behind: number): Int16Array {
    return this.inbox.pull(behind);
  }

  send(slot: number, frame: Int16Array | undefined): void {
    this.#sent++;
    this.#toMain(slot, frame ?? NOTHING);
  }

  stats() {
    return { receivedPackets: this.inbox.received, sentPackets: this.#sent, lostPackets: 0, jitterMs: 0, strangerPackets: 0 };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
