import type { Accounts } from "@sitebox/core/accounts";
import type {
  Balance,
  BannedAddress,
  BoxConfig,
  BoxHealth,
  Call,
  CallId,
  CallWhy,
  CallWithMoments,
  ConfiguredLine,
  ExtensionState,
  ExtensionSwitches,
  ExtensionSwitchesChange,
  FoundDevice,
  LineChange,
  LineConfig,
  ListedNumber,
  ListedNumberDraft,
  Listened,
  MetricSample,
  OutsideLine,
  PlanAnswer,
  PlanChange,
  PlanQuestion,
  SelfCall,
  SignallingMessage,
  TextMessage,
  Understanding,
  UplinkState,
} from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { SocketClient, SocketMethods } from "@sitebox/core/web";
import type { Tickets } from "../tickets/index.ts";

/** Records of calls. */
export interface CallsReader {
  /** The newest first. */
  list(limit: number): Promise<Call[]>;
  find(id: string): Promise<CallWithMoments | undefined>;
  /** Relative to the data folder. */
  recordingFile(id: string): Promise<string | undefined>;
}

/** Places calls and exports their records. */
export interface CallDesk {
  /** Rejects with fault "not-found", "not-allowed" or "conflict" where `from` or `to` is not to be had. */
  place(placing: {
    readonly from:
      | { readonly type: "extension"; readonly number: string }
      | { readonly type: "agent"; readonly account: string; readonly name: string };
    readonly to: string;
    readonly shown?: string;
  }): Promise<CallId>;
  /** A table of the sides of calls, UTF-8 with a byte order mark. */
  csv(query: {
    readonly from?: number | undefined;
    readonly to?: number | undefined;
    readonly personal: boolean;
    readonly language: "zh-CN" | "en";
  }): Promise<Uint8Array>;
}

/** Why calls went as they did: their timeline, signalling and sound, in plain for admins. */
export interface CallsExplainer {
  find(id: string): Promise<CallWhy | undefined>;
  /** The call's signalling as a capture file (pcapng). */
  pcap(id: string): Promise<Uint8Array | undefined>;
  text(why: CallWhy, language: "zh-CN" | "en"): string;
  /** The newest signalling that belongs to no call. */
  recent(): SignallingMessage[];
}

/** What integrators try out without a call. Each rejects with fault "unavailable" while there is no engine for it. */
export interface SpeechTools {
  understand(text: string): Promise<Understanding>;
  /** A wav file of 8 or 16 kHz. */
  listen(wav: Uint8Array): Promise<Listened>;
  /** Answers with a wav file. */
  speak(text: string, language: "zh-CN" | "en"): Promise<Uint8Array>;
}

/** Who is refused and who is not disturbed. `by` is who changes it, for the record. */
export interface CallSettings {
  numberRules(): ListedNumber[];
  /** Rejects with fault "invalid" where it would be over before it begins. */
  addNumberRule(draft: ListedNumberDraft, by: string): Promise<ListedNumber>;
  /** False where there is none by that id. */
  removeNumberRule(id: string, by: string): Promise<boolean>;
  /** Rejects with fault "not-found" for no extension of the box, "invalid" for numbers that it may not dial. */
  setSwitches(extension: string, change: ExtensionSwitchesChange, by: string): Promise<ExtensionSwitches>;
  /** Who changed what, the newest first. */
  changes(limit: number): Promise<PlanChange[]>;
  /** What would happen to such a call now. Changes nothing. */
  decide(question: PlanQuestion): PlanAnswer;
}

/**
 * Lines to the outside: how they stand, how they are set up, and what can be tried on them. Each rejects with fault "not-found" where no line
 * has that name, "not-allowed" or "conflict" where it cannot be, "unavailable" where the line could not do it.
 */
export interface LineDesk {
  /** In the order in which they are tried. */
  list(): OutsideLine[];
  /** Without their secrets. */
  configs(): ConfiguredLine[];
  /** Who changed which line, the newest first; of one line alone where one is named. */
  changes(query: { readonly line?: string | undefined; readonly limit: number }): Promise<LineChange[]>;
  /** Here and below, `by` is the account that asks, for the record. */
  add(config: LineConfig, by: string): Promise<ConfiguredLine>;
  /** Secrets that are left out stay as they were, unless they would go to another address then. */
  change(name: string, change: Record<string, unknown>, by: string): Promise<ConfiguredLine>;
  remove(name: string, by: string): Promise<void>;
  switch(name: string, on: boolean): Promise<OutsideLine>;
  testCall(name: string, to: string, by: string): Promise<CallId>;
  ussd(name: string, code: string, port: number | undefined): Promise<string>;
  askBalance(name: string): Promise<Balance>;
  /** Calls the line's own numbers by another line; the answers when the calls are over. */
  selfCall(name: string): Promise<SelfCall[]>;
  found(): FoundDevice[];
  /** The newest traffic between driver and device, sound left out, in the transcript format. */
  transcript(name: string): string;
}

/** Text messages of the lines. */
export interface TextDesk {
  /** The newest first. */
  list(limit: number): Promise<TextMessage[]>;
  /** On its way when it resolves, not at its goal. Rejects as {@link LineDesk} does. */
  send(text: { readonly to: string; readonly text: string; readonly line?: string | undefined }): Promise<TextMessage>;
  find(id: string): Promise<TextMessage | undefined>;
  /** Writes back to whoever wrote that text. Rejects as {@link LineDesk} does, with fault "not-found" where it is none that came in. */
  answer(id: string, text: string): Promise<TextMessage>;
  /** Sends a sentence of ours by that line. */
  test(line: string, to: string): Promise<TextMessage>;
}

/** Who is kept off the telephone side. */
export interface CallGuard {
  bans(): readonly BannedAddress[];
  /** False where there is no such ban. */
  unban(address: string): boolean;
}

export interface BoxHttpDeps {
  readonly config: Pick<BoxConfig, "http" | "dataDir">;
  readonly software: string;
  /** The built UI. */
  readonly uiDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly accounts: Accounts;
  readonly tickets: Tickets;
  readonly calls: CallsReader;
  readonly desk: CallDesk;
  readonly explainer: CallsExplainer;
  readonly settings: CallSettings;
  readonly lines: LineDesk;
  readonly texts: TextDesk;
  readonly guard: CallGuard;
  readonly speech: SpeechTools;
  readonly agentMethods: SocketMethods;
  readonly visitorMethods: SocketMethods;
  extensions(): Promise<ExtensionState[]>;
  uplink(): Promise<UplinkState>;
  health(): Promise<BoxHealth>;
  metrics(): Promise<MetricSample[]>;
  /** A page has come by one of the two sockets. */
  joined?(client: SocketClient): void;
}
