import type { SipUri } from "../parser/index.ts";
import { dialogInfo } from "./dialog-info.ts";
import { messageSummary } from "./message-summary.ts";

/** What may be told of the box's extensions to telephones with lamps. */
export interface Presence {
  lineState(number: string): "idle" | "ringing" | "busy";
  /** Hears which extension's line state may have changed. */
  onLineState(listener: (number: string) => void): Disposable;
  mailbox(number: string): MailboxCounts | Promise<MailboxCounts>;
  /** Hears in whose mailbox something changed. */
  onMailbox(listener: (number: string) => void): Disposable;
}

export interface MailboxCounts {
  readonly unheard: number;
  readonly heard: number;
}

/** What somebody watches: an extension, by the address that it is asked for with. */
export interface Resource {
  readonly number: string;
  readonly entity: SipUri;
}

/** Tells one watcher of one resource. */
export interface Telling {
  /** The next notification's body; undefined where nothing is new since the last and not all of it is wanted. */
  next(whole: boolean): string | undefined | Promise<string | undefined>;
}

/** One kind of things that can be watched (RFC 6665 §7.2: event package). */
export interface EventPackage {
  readonly name: "dialog" | "message-summary";
  /** The media type of its notifications. */
  readonly type: string;
  mayWatch(watcher: string, number: string): boolean;
  tell(resource: Resource): Telling;
  /** Hears whose state may have changed. */
  onChanged(listener: (number: string) => void): Disposable;
}

/** What can be watched of the box's extensions. */
export const eventPackages = (presence: Presence): readonly EventPackage[] => [dialogInfo(presence), messageSummary(presence)];
