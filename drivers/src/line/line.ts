import type { LineRefusal } from "@sitebox/core/contract";
import type { Balance, DriverDeps, LineState, Trunk } from "./trunk.ts";

/** A text message (SMS) as it came, put together from its parts. Personal data. */
export interface IncomingText {
  /** The same for the same text told again, as after a restart. */
  readonly id: string;
  /** The sender's number, or a name as operators and banks use. */
  readonly from: string;
  readonly text: string;
  /** By the network's clock, epoch ms. */
  readonly sentAt: number;
  /** The socket of a device that has several. */
  readonly port?: number;
  /**
   * The text is on disk with us: the line may delete its own copy, which it keeps until then and tells again after a restart. Never rejects:
   * what could not be deleted is told again.
   */
  stored(): Promise<void>;
}

export type TextOutcome =
  /** The network has taken all parts; `reference` is named by the delivery report, where one will come. */
  | { readonly type: "sent"; readonly parts: number; readonly reference?: string }
  /** `retry`: it may go through later (no network, busy); otherwise never (no such number, refused). */
  | { readonly type: "failed"; readonly reason: string; readonly retry: boolean };

/** What the network says has become of a text that was sent; told once, when all its parts are settled. */
export interface TextReport {
  readonly reference: string;
  readonly outcome: "delivered" | "failed";
  readonly reason?: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Text messages of a line. */
export interface TextPort {
  /** One reader. Ends with the line. */
  readonly incoming: AsyncIterable<IncomingText>;
  /** One reader. Ends with the line. */
  readonly reports: AsyncIterable<TextReport>;
  /**
   * Whether a text can go now, on lines whose texts go another way than their calls; listeners to the line's state hear when that may have
   * changed. Absent: while the line is up.
   */
  readonly ready?: boolean;
  /** Sends a text of any length in any language, in parts where it must. Texts go one after the other. Aborting while it waits gives up. */
  send(to: string, text: string, options: { readonly signal: AbortSignal; readonly port?: number }): Promise<TextOutcome>;
}

/** A line with a device of its own: calls, texts and how it stands. It is opened even when its device is not there, and comes up by itself. */
export interface Line extends Trunk {
  readonly state: LineState;
  /** Hears of every change of the state until the result is disposed. */
  onChanged(listener: (state: LineState) => void): Disposable;
  /** Absent on lines without text messages. */
  readonly texts?: TextPort;
  /** Runs a service code such as *100#, and answers what the network says. Rejects with {@link LineError}. Absent where there are none. */
  ussd?(code: string, options: { readonly signal: AbortSignal; readonly port?: number }): Promise<string>;
  /** Asks the operator what is left. Rejects with {@link LineError}. Absent where nobody could tell. */
  askBalance?(signal: AbortSignal): Promise<Balance>;
}

/** A line could not do what it was asked; the message says why and what to do. */
export class LineError extends Error {
  override name = "LineError";
  /** By which pages say why in their user's language; absent where only the far end's words do. */
  readonly code: LineRefusal | undefined;

  constructor(message: string, options: ErrorOptions & { readonly code?: LineRefusal } = {}) {
    super(message, options);
    this.code = options.code;
  }
}

/** One piece of what goes between a driver and its device. Personal data: numbers, texts and voices are in it. */
export interface Traffic {
  /**
   * Which of the device's connections: "at", "sip", "udp", "tcp", "helper", or one for each question as "http /api/get_port_info". Sound is
   * "audio" whatever carries it, and nothing else is left out of what is written down.
   */
  readonly port: string;
  /** "out": from us to the device. */
  readonly direction: "in" | "out";
  readonly bytes: Uint8Array;
}

export interface LineDeps extends DriverDeps {
  /** Told everything that goes between the driver and its device. Not for ordinary logs. */
  readonly onTraffic?: (traffic: Traffic) => void;
}

/** Bytes both ways between a driver and its device: a serial port, a socket, a recording of one. The opener closes it. */
export interface ByteStream extends AsyncDisposable {
  /** One reader. Ends when the device is gone or the stream is closed; throws where it breaks. Chunks are as they come, cut anywhere. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Resolves when the device has taken them. Rejects with {@link LineError} where it is gone. */
  write(bytes: Uint8Array): Promise<void>;
}
