import type { Clock, Log } from "@sitebox/core/kernel";

/** How a leg ended, in words that every technology can fill. */
export type HangupCause = "normal" | "busy" | "no-answer" | "rejected" | "unreachable" | "failed";

/** One key of the telephone keypad. */
export type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "*" | "#" | "A" | "B" | "C" | "D";

/** Samples of one frame: 20 ms of 8 kHz mono. */
export const FRAME_SAMPLES = 160;

/** Sound both ways in frames of 20 ms, 8 kHz mono, signed 16 bit ({@link FRAME_SAMPLES} each). The opener closes it. */
export interface AudioPort extends AsyncDisposable {
  /** What the far end says. One reader. Silence is filled in, so frames come at 50 a second while the leg is up. */
  readonly frames: AsyncIterable<Int16Array>;
  /** Queues one frame towards the far end; the port paces it. */
  write(frame: Int16Array): void;
  /** Where the port knows what of its frames was sound that came; absent where the media plane measures that itself, or nobody can. */
  readonly counts?: AudioCounts;
}

/** What has become of a port's sound so far, in frames of 20 ms. */
export interface AudioCounts {
  /** Came from the device. */
  readonly came: number;
  /** Silence given to the reader because nothing had come. */
  readonly filled: number;
  /** Came from the device and was thrown away, because more stood in the queue than unevenness needs. */
  readonly dropped: number;
  /** Thrown away on the way to the device: it took none, or the writer was ahead. */
  readonly unsaid: number;
  /** How long nothing has come; absent while nothing is expected. */
  readonly quietMs?: number;
}

/** How a transfer that the far end asked for is going; the last one told is "answered" or "failed". */
export type TransferProgress = "trying" | "ringing" | "answered" | "busy" | "failed";

/** The far end wants to hand its call to another number. */
export interface TransferRequest {
  readonly type: "transfer";
  /** The number that is to have the call. */
  readonly target: string;
  /** For a transfer after asking (attended): the other leg of ours that is to be joined; absent is a blind transfer. */
  readonly consulted?: Leg;
  /** Tells the far end how it goes (RFC 3515: sipfrag). Nothing more can be told after "answered", "busy" or "failed". */
  report(progress: TransferProgress): void;
}

/** What the far end asks for beside talking. */
export type LegRequest =
  | { readonly type: "hold" }
  | { readonly type: "resume" }
  | TransferRequest
  /** To ask a third before handing over or joining all three: the other waits on hold. Telephones do this with a second call of their own. */
  | { readonly type: "consult"; readonly target: string }
  /** After "consult": hands the call over, joins all three, or goes back to the one who waits. */
  | { readonly type: "hand-over" }
  | { readonly type: "join" }
  | { readonly type: "back" }
  | { readonly type: "park" };

/** How a leg's call stands, for far ends that can show it. */
export interface LegSituation {
  /** "holding": the other waits for this one; "on-hold": this one waits. */
  readonly state: "talking" | "on-hold" | "holding" | "consulting" | "conference";
  /** The others' numbers. */
  readonly parties: readonly string[];
}

/** How a leg is carried, for records and for whoever asks why; personal data. */
export interface LegFacts {
  /** The line's own name of the call, e.g. SIP's Call-ID: finds its signalling among the wire messages. */
  readonly wireId?: string;
  /** Address and port of the far end's signalling. */
  readonly peer?: string;
  readonly userAgent?: string;
  readonly codec?: string;
  /** Whether signalling and sound cannot be read on the way. */
  readonly secure?: boolean;
  /**
   * How the answer of a number that we dialled was known. Analogue lines often do not tell: then it was heard (a voice after ring-back), or is
   * assumed (ring-back stopped, or nothing was heard for long), and a prompt may have been taken for a person.
   */
  readonly answerKnownBy?: "told" | "heard" | "assumed";
}

/** One side of a call, whatever carries it: SIP, GSM, analogue, a browser. */
export interface Leg {
  /** The far end's number as its line states it, or an empty string where it is withheld. */
  readonly remote: string;
  /** The number that was dialled: which extension or service the caller wants. */
  readonly dialled: string;
  /** The line to the outside by which it came or went, by its configured name; undefined for an extension of the box or a browser. */
  readonly line: string | undefined;
  readonly audio: AudioPort;
  /** Keys pressed at the far end, each once whatever way it came (RFC 4733, INFO, in-band). One reader. */
  readonly digits: AsyncIterable<Digit>;
  /** What the far end asks for beside talking. One reader. Ends with the leg. */
  readonly requests: AsyncIterable<LegRequest>;
  /** A leg of the same trunk in whose place this one comes (RFC 3891 Replaces); whoever takes it joins this leg instead and ends that one. */
  readonly replaces?: Leg;
  readonly facts: LegFacts;
  /** Lets sound flow before the answer, so that the caller hears tones and prompts that cost nothing. Does nothing on a line that cannot. */
  progress(): Promise<void>;
  /** Accepts an incoming leg; resolves when sound can flow both ways. A leg that was dialled is answered already. */
  answer(): Promise<void>;
  /** Tells the far end that it is on hold, or no longer. The sound is the caller's matter. Never rejects; a refusal changes nothing. */
  hold(on: boolean): Promise<void>;
  /** Presses keys towards the far end. */
  press(digits: readonly Digit[]): void;
  /** Shows the far end how its call stands; absent where it has nothing to show it on. */
  show?(situation: LegSituation): void;
  /** Ends the leg, or refuses it where it was not answered. Never rejects; a second call changes nothing. */
  hangup(cause: HangupCause): Promise<void>;
  /** Resolves once, when either side has hung up. */
  readonly ended: Promise<HangupCause>;
}

export type DialOutcome =
  | { readonly type: "answered"; readonly leg: Leg }
  | { readonly type: "busy" }
  | { readonly type: "no-answer" }
  | { readonly type: "unreachable"; readonly reason: string };

/** What is heard of a number that is being dialled, before it answers. */
export type DialProgress =
  | { readonly type: "ringing" }
  /** The far end's own tones and prompts. The port is the one of the leg, should it answer; nobody else closes it. */
  | { readonly type: "early-media"; readonly audio: AudioPort };

export interface DialOptions {
  /** Aborting gives up, which is "no-answer". */
  readonly signal: AbortSignal;
  /** The number to be shown. A line to the outside shows it only where it owns it, its own number otherwise. */
  readonly callerNumber?: string;
  readonly callerName?: string;
  /** Asks the far end to answer by itself, for paging; telephones may refuse. */
  readonly answerAtOnce?: boolean;
  /** A call for help: a line to the outside takes it also when it is full, and sends the number as it is. */
  readonly emergency?: boolean;
  readonly onProgress?: (progress: DialProgress) => void;
}

/** A bundle of lines to the outside world. */
export interface Trunk extends AsyncDisposable {
  /** Calls that come in, already ringing at the caller's end. One reader. Ends when the trunk is closed. */
  readonly incoming: AsyncIterable<Leg>;
  /** Rings `number`. */
  dial(number: string, options: DialOptions): Promise<DialOutcome>;
}

/** Why a line is down, as a word that pages say in their user's language; {@link LineState.reason} has the rest. */
export type LineFault =
  /** The carrier or gateway refuses our login, or is not to be reached. */
  | "login-refused"
  | "unreachable"
  /** The device is not there, is there but silent, or has no port for sound. */
  | "unplugged"
  | "not-answering"
  | "no-audio-port"
  /** Known not to work with this firmware; `reason` says which is wanted. */
  | "bad-firmware"
  | "no-sim"
  | "pin-needed"
  /** The PIN was refused, or too few attempts are left to try one. */
  | "pin-refused"
  | "puk-needed"
  /** Another SIM than the registered one is in it. */
  | "other-sim"
  | "searching"
  | "registration-denied"
  /** Nothing is connected to an analogue port, or the card has an alarm. */
  | "no-line"
  /** The program that drives the card is not to be had. */
  | "helper-lost"
  /** Somebody switched it off. */
  | "switched-off"
  | "failed";

/** What wants looking after on a line that still does its work, as a word like {@link LineFault}. */
export type LineWarning =
  /** Its memory for texts, mostly the SIM's, is full but for a tenth, and texts that come when it is full wait in the network. */
  "texts-nearly-full";

/** How a radio is received. */
export interface Radio {
  /** 0 to 5 as telephones show it. */
  readonly bars: number;
  readonly dbm?: number;
  readonly operator?: string;
  /** "2G", "3G", "4G" */
  readonly technology?: string;
  readonly roaming?: boolean;
}

/** What is left on a SIM, as its operator told. */
export interface Balance {
  readonly yuan: number;
  /** Epoch ms. */
  readonly at: number;
}

/** One socket of a device that has several. */
export interface LinePort {
  /** As printed on the device. */
  readonly port: number;
  readonly state: "idle" | "busy" | "down";
  readonly number?: string;
  readonly fault?: LineFault;
  readonly reason?: string;
  readonly radio?: Radio;
  readonly balance?: Balance;
}

/** How a line to the outside stands, for pages and for the choice of a line. */
export interface LineState {
  readonly name: string;
  readonly state: "up" | "down" | "starting";
  readonly fault?: LineFault;
  /** Why it is down, in the words of the far end where it said any. */
  readonly reason?: string;
  readonly calls: number;
  readonly maxCalls: number;
  readonly radio?: Radio;
  readonly balance?: Balance;
  readonly device?: {
    readonly model?: string;
    readonly firmware?: string;
    /** Personal data, as is what follows. */
    readonly imei?: string;
    readonly iccid?: string;
    /** Where it is plugged in, e.g. "1-1.4" */
    readonly usbPath?: string;
  };
  readonly ports?: readonly LinePort[];
  /** Absent where nobody has looked yet, or could. */
  readonly warnings?: readonly LineWarning[];
}

export interface DriverDeps {
  readonly clock: Clock;
  readonly log: Log;
}
