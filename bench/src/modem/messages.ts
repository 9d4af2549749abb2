import type { SoundMisbehaviour } from "@sitebox/drivers/gsm/testing";

/** The modems' process: how many it has, and how their sound comes. */
export interface ModemsSetup {
  readonly modems: number;
  readonly sound: SoundMisbehaviour;
}

/** Where a scripted modem is plugged in. */
export interface PluggedIn {
  readonly number: string;
  readonly atPort: string;
  readonly audioPort: string;
}

export type ToModems =
  | { readonly type: "open"; readonly setup: ModemsSetup }
  | { readonly type: "call" }
  | { readonly type: "measure" }
  | { readonly type: "stop" };

export type FromModems =
  | { readonly type: "open"; readonly ports: readonly PluggedIn[] }
  | { readonly type: "talking" }
  /** Of all modems together, ms. */
  | {
      readonly type: "heard";
      /** From a click that was written to the driver until its copy came back. */
      readonly loops: readonly number[];
      readonly clicks: number;
      /** Between each piece that the driver wrote and the next. */
      readonly gaps: readonly number[];
      /** By modem: when each click was written, on the machine's monotonic clock. */
      readonly written: readonly (readonly number[])[];
    };

export type ToBox =
  | { readonly type: "open"; readonly ports: readonly PluggedIn[] }
  | { readonly type: "measure" }
  | { readonly type: "stop" };

export type FromBox =
  | { readonly type: "open" }
  | {
      readonly type: "heard";
      /** By modem: when each click was heard, on the machine's monotonic clock. */
      readonly heard: readonly (readonly number[])[];
      /** Between each frame that the box was given and the next, ms. */
      readonly gaps: readonly number[];
      readonly filled: number;
      readonly dropped: number;
      readonly unsaid: number;
    };

/** The machine's monotonic clock in ms: the same in all its processes. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** A click that is heard later than this is another one: they come once a second. */
export const LATEST_MS = 900;

/** A click stands out of all other sound by this. */
const CLICK = 20_000;

/** Whether there is a click in 16-bit little-endian sound. */
export function hasClick(bytes: Buffer): boolean {
  for (let at = 0; at + 1 < bytes.length; at += 2) if (bytes.readInt16LE(at) >= CLICK) return true;
  return false;
}

export const isClick = (frame: Int16Array): boolean => frame.some((sample) => sample >= CLICK);
