import { read } from "node:fs";
import { promisify } from "node:util";
import { Channel, type Clock, type Log, systemClock } from "@sitebox/core/kernel";
import { type ByteStream, LineError } from "../line/index.ts";

export interface SerialOptions {
  /** Bits a second. USB modems take any. */
  readonly baudRate?: number;
  readonly log: Log;
  readonly clock?: Clock;
  /** A write that the device has not taken by then rejects. */
  readonly writeTimeoutMs?: number;
}

/** A port could not be opened. */
export class SerialError extends LineError {
  override name = "SerialError";
  readonly fault: "missing" | "in-use" | "not-permitted" | "failed";

  constructor(message: string, options: ErrorOptions & { readonly fault: SerialError["fault"] }) {
    super(message, options);
    this.fault = options.fault;
  }
}

/** What we use of node-serialport's port on Linux. */
interface LinuxPort {
  readonly fd: number | null;
  readonly poller: { once(event: "readable", done: (error: Error | null) => void): unknown; stop(): void };
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

const readAsync = promisify(read);
const CHUNK_BYTES = 4_096;
/** What waits to be read; beyond it the oldest is dropped, as a UART does. */
const MOST_CHUNKS = 4_096;
const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined);

/**
 * Opens a serial port or pseudo-terminal: raw, eight bits, no flow control, for us alone. Its `chunks` end when the device is gone.
 *
 * @throws SerialError where it is not there, is in use, or may not be opened
 */
export async function openSerial(path: string, options: SerialOptions): Promise<ByteStream> {
  const { SerialPort } = await import("serialport");
  try {
    const port = await SerialPort.binding.open({
      path,
      baudRate: options.baudRate ?? 115_200,
      lock: true,
      rtscts: false,
      hupcl: false,
    });
    if (!isLinuxPort(port)) throw new Error("serial ports are used on Linux only");
    return new Serial(path, port, options);
  } catch (cause) {
    const fault = faultOf(cause);
    throw new SerialError(`${path} cannot be opened: ${words[fault] ?? String(cause)}`, { fault, cause });
  }
}

const isLinuxPort = (port: object): port is LinuxPort => "poller" in port && "fd" in port;

const words: Readonly<Partial<Record<SerialError["fault"], string>>> = {
  missing: "no device is there",
  "in-use": "another program uses it",
  "not-permitted": "not permitted; the box's user has to be in the group dialout",
};

/** node-serialport tells the system's error in words only. */
function faultOf(cause: unknown): SerialError["fault"] {
  const said = cause instanceof Error ? cause.message : "";
  if (/no such (?:file|device)/i.test(said)) return "missing";
  if (/lock|busy|temporarily unavailable/i.test(said)) return "in-use";
  return /permission denied|not permitted/i.test(said) ? "not-permitted" : "failed";
}

class Serial implements ByteStream {
  readonly chunks = new Channel<Uint8Array>(MOST_CHUNKS);
  readonly #path: string;
  readonly #port: LinuxPort;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #writeTimeoutMs: number;
  readonly #reading: Promise<void>;
  #writing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  /** Nothing more is read or written. */
  #over = false;

  constructor(path: string, port: LinuxPort, { log, clock = systemClock, writeTimeoutMs = 5_000 }: SerialOptions) {
    this.#path = path;
    this.#port = port;
    this.#log = log;
    this.#clock = clock;
    this.#writeTimeoutMs = writeTimeoutMs;
    this.#reading = this.#read();
  }

  async write(bytes: Uint8Array): Promise<void> {
    // A write that the device does not take stays with the kernel; what comes after it would only pile up.
    const before = this.#writing;
    if (before !== undefined) await this.#within(before.catch(() => {}));
    if (this.#over) throw new LineError(`${this.#path} is gone`);
    const writing = this.#port.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    this.#writing = writing;
    const done = () => {
      if (this.#writing === writing) this.#writing = undefined;
    };
    writing.then(done, done);
    await this.#within(writing);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #within(writing: Promise<void>): Promise<void> {
    const late = Promise.withResolvers<never>();
    using _timer = this.#clock.after(this.#writeTimeoutMs, () =>
      late.reject(new LineError(`${this.#path} takes no bytes for ${this.#writeTimeoutMs} ms`)),
    );
    try {
      await Promise.race([writing, late.promise]);
    } catch (cause) {
      throw cause instanceof LineError ? cause : new LineError(`${this.#path} is gone`, { cause });
    }
  }

  /**
   * Reads until the device is gone. node-serialport's own reading goes round without end where a read answers with no bytes, which is what
   * Linux says of a terminal that was hung up, so we read by ourselves and wait with its poller.
   */
  async #read(): Promise<void> {
    const buffer = Buffer.alloc(CHUNK_BYTES);
    while (!this.#over && this.#port.fd !== null) {
      try {
        const { bytesRead } = await readAsync(this.#port.fd, buffer, 0, buffer.length, null);
        if (bytesRead === 0) break;
        this.chunks.push(new Uint8Array(buffer.subarray(0, bytesRead)));
      } catch (error) {
        if (!["EAGAIN", "EINTR"].includes(String(codeOf(error)))) break;
        if (!this.#over && !(await this.#readable())) break;
      }
    }
    if (!this.#closing) this.#log.info("a serial port is gone", { path: this.#path });
    this.#over = true;
    this.chunks.close();
    this.#port.poller.stop();
  }

  #readable(): Promise<boolean> {
    return new Promise((resolve) => this.#port.poller.once("readable", (error) => resolve(error === null)));
  }

  /** The descriptor is closed after the last read of it: its number may be another file's at once. */
  async #close(): Promise<void> {
    this.#over = true;
    this.#port.poller.stop();
    await this.#reading;
    await this.#port.close().catch((err: unknown) => this.#log.warn("a serial port was not closed", { path: this.#path, err }));
  }
}
