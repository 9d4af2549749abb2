import type { ModemProfileName } from "@sitebox/core/contract";
import type { ByteStream } from "../../line/index.ts";
import type { AtChannel } from "../at/index.ts";

/** What a kind of modem does its own way. Data: a new modem is a new value of this, no code. */
export interface ModemProfile {
  readonly name: Exclude<ModemProfileName, "auto">;
  /** Against manufacturer, model and revision as +CGMI, +CGMM and +CGMR tell them. */
  readonly matches: RegExp;
  /** Commands that set it up, each with whether its failure matters. */
  readonly init: readonly { readonly command: string; readonly required: boolean }[];
  readonly voice: {
    /** Before dialling or answering, after the call is up, and after its end. */
    readonly before: readonly string[];
    readonly up: readonly string[];
    readonly after: readonly string[];
    /** Refused `up` commands are tried again this long: SIM7600 takes +CPCMREG only once the voice path is there. */
    readonly upRetryMs: number;
    readonly hangUp: string;
    /** Unsolicited lines that say that a call stands differently: a reason to ask +CLCC at once. */
    readonly moved: RegExp;
    /** Unsolicited lines that say a key; its first group is the key. */
    readonly key?: RegExp;
    /** Bytes of one piece of sound as the modem wants them written. */
    readonly writeBytes: number;
  };
  /** USSD answers come as text, or as hexadecimal UCS2 or packed 7-bit. */
  readonly ussd: "text" | "ucs2" | "packed";
  /** Firmware known not to work, with what is wrong and which is wanted. */
  readonly badFirmware: readonly { readonly matches: RegExp; readonly problem: string }[];
}

/** What a modem says it is. Personal data. */
export interface ModemIdentity {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  readonly imei: string;
  readonly iccid: string | undefined;
  readonly imsi: string | undefined;
}

/** A modem that has been set up and is in the network, from that moment until it is lost. After a recovery there is a new one. */
export interface Modem {
  readonly at: AtChannel;
  readonly profile: ModemProfile;
  readonly identity: ModemIdentity;
  /** Opens the port for sound: 8 kHz, signed 16 bit little endian, both ways. Undefined where it has none. Rejects with LineError. */
  readonly openAudio: (() => Promise<ByteStream>) | undefined;
  /** Aborted when the modem is lost or given up; everything of it ends then. */
  readonly over: AbortSignal;
}
