import type { GatewayLine } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type {
  ByteStream,
  IncomingText,
  LineDeps,
  LineFault,
  LinePort,
  LineState,
  TextOutcome,
  TextReport,
} from "../line/index.ts";

/** One socket of a gateway, as its management tells. */
export interface PortReport extends LinePort {
  /** The SIM's serial number and its subscriber, where the gateway tells them. Personal data. */
  readonly iccid?: string;
  readonly imsi?: string;
}

/** What a gateway's management knows of its ports. */
export type Ports =
  | { readonly type: "asking" }
  | { readonly type: "known"; readonly ports: readonly PortReport[]; readonly device?: LineState["device"] }
  /** It cannot be asked; calls may go all the same. */
  | { readonly type: "unknown"; readonly fault: LineFault; readonly reason: string };

/** A gateway's own interface beside SIP: how its ports stand, texts and service codes. It is opened whether or not the device is there. */
export interface Management extends AsyncDisposable {
  readonly ports: Ports;
  /** What one text may have, in bytes of UTF-8. */
  readonly maxTextBytes: number;
  /** One reader each. They end when it is closed. */
  readonly incoming: AsyncIterable<IncomingText>;
  readonly reports: AsyncIterable<TextReport>;
  /** Hears of every text that comes, beside the reader of `incoming`, until the result is disposed. */
  onText(listener: (text: IncomingText) => void): Disposable;
  /** Sends by one port; called again for the same port only when the one before has an outcome. Aborting gives up until the device has it. */
  sendText(text: OutgoingText, signal: AbortSignal): Promise<TextOutcome>;
  /** Rejects with LineError, or with the signal's reason. */
  ussd(port: number, code: string, signal: AbortSignal): Promise<string>;
}

export interface OutgoingText {
  readonly port: number;
  readonly to: string;
  readonly text: string;
}

/**
 * What is one maker's own: how its interface is connected, asked and read. Everything around it is the same for all of them. It is disposed after its last
 * life, and then waits for what it is noting.
 */
export interface Maker extends AsyncDisposable {
  /** What one text may have, in bytes of UTF-8. */
  readonly maxTextBytes: number;
  /** Whether its interface can be had over TLS. */
  readonly canEncrypt: boolean;
  /** One life: connects and tells what it learns until it cannot any more. Rejects with ManagementError; ends otherwise only by the signal. */
  run(signal: AbortSignal): Promise<void>;
  /** As {@link Management.sendText}. Rejects with ManagementError where the text may go later, or with anything where a signal has aborted. */
  sendText(text: OutgoingText, signal: AbortSignal): Promise<TextOutcome>;
  /** Runs a service code. Nobody waits for it once the signal aborts. Rejects with ManagementError, LineError or the signal's reason. */
  ussd(port: number, code: string, signal: AbortSignal): Promise<string>;
}

export type ManagementConfig = NonNullable<GatewayLine["management"]>;

/**
 * Opens what a recording has in the place of one of the gateway's connections, named as in its traffic: it takes what would be traced now and
 * gives what was traced, a datagram or an answer in one piece. Secrets are *** in it, so the line has to have that for its password.
 */
export type ConnectRecording = (port: string, signal: AbortSignal) => Promise<ByteStream>;

/** What is needed to open a gateway's management. */
export interface ManagementDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly host: string;
  readonly config: ManagementConfig;
  /** The sockets that may be used: those whose SIM has an owner. */
  readonly registered: GatewayLine["ports"];
  readonly memory: GatewayMemory;
  /** Between two texts of one port, ms, where the maker asks for a pause. */
  readonly textGapMs: number;
  /** Told whenever `ports` has changed. */
  readonly onChanged: () => void;
  readonly onTraffic: LineDeps["onTraffic"] | undefined;
  readonly connect: ConnectRecording | undefined;
  /** The number by which a text or a service code is known to the gateway, anew each time. */
  readonly newId: () => number;
}

/** What a maker's interface works with, and whom it tells. */
export interface MakerDeps extends Omit<ManagementDeps, "onChanged"> {
  /** Aborts when the line is closed. */
  readonly closing: AbortSignal;
  /** How the ports stand from now on. */
  portsAre(ports: Ports): void;
  /** Whether texts of this socket are ours: those of others are left alone. */
  accepts(port: number): boolean;
  /** A text has come. `sentAt` is now where it is undefined. */
  textCame(text: CameText): void;
  report(report: TextReport): void;
}

export type CameText = Omit<IncomingText, "sentAt" | "port"> & { readonly port: number; readonly sentAt: number | undefined };

/** What a gateway line wants to find again after a restart of the box. */
export interface GatewayMemory {
  read(key: string): Promise<string | undefined>;
  write(key: string, value: string): Promise<void>;
}

/** Forgets with the process: what a gateway still keeps is told again after a restart, under the same id. */
export function forgetfulMemory(): GatewayMemory {
  const kept = new Map<string, string>();
  return {
    read: async (key) => kept.get(key),
    write: async (key, value) => void kept.set(key, value),
  };
}

/** The management cannot do what it was asked: why, in a word that pages know. */
export class ManagementError extends Error {
  override name = "ManagementError";
  readonly fault: LineFault;

  constructor(message: string, options: ErrorOptions & { readonly fault: LineFault }) {
    super(message, options);
    this.fault = options.fault;
  }
}
