import { type BoxPush, type BrowserCall, CallId, type HandOff } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { SocketClient } from "@sitebox/core/web";
import type { LegSituation } from "@sitebox/drivers/line";
import type { BrowserSession } from "../media/index.ts";
import { BrowserLeg } from "./browser-leg.ts";

/** How long a call waits for its page to come back: a reload takes a second or two, a lost network a little more. */
export const PAGE_PATIENCE_MS = 30_000;

export interface BrowserLineOptions {
  readonly clock: Clock;
  readonly who: "agent" | "visitor";
  /** Whose call it is: an account's id, or the token that only the visitor's page knows. */
  readonly owner: string;
  readonly callId: string;
  readonly session: BrowserSession;
  readonly remote: string;
  readonly dialled: string;
  readonly handOff?: HandOff | undefined;
  /** For the call's timeline. */
  readonly note: (line: BrowserLine, text: string) => void;
  readonly ended: (line: BrowserLine) => void;
}

/** One person's call through a browser. It outlives the page: the next page of the same person takes it over. */
export class BrowserLine {
  readonly leg: BrowserLeg;
  readonly #options: BrowserLineOptions;
  readonly #sinceAt: number;
  #page: SocketClient | undefined;
  #absence: Disposable | undefined;
  #situation: LegSituation | undefined;
  #partner: BrowserLine | undefined;
  #theirs = false;

  constructor(options: BrowserLineOptions) {
    const { clock, session, remote, dialled, callId } = options;
    this.#options = options;
    this.#sinceAt = clock.now();
    this.leg = new BrowserLeg({
      remote,
      dialled,
      audio: session.port,
      wireId: crypto.randomUUID(),
      onEnded: (cause) => {
        this.#absence?.[Symbol.dispose]();
        this.part();
        this.push({ type: "call-ended", callId: this.callId, reason: cause });
        options.ended(this);
      },
      onSituation: (situation) => {
        this.#situation = situation;
        this.push({ type: "situation", callId: CallId.parse(callId), situation: plain(situation) });
        this.#mayLook();
      },
    });
    // The media process has died: nothing is heard any more, and the page may call again.
    void session.ended.then(() => this.leg.hangup("failed"));
  }

  get callId(): CallId {
    return CallId.parse(this.#options.callId);
  }

  get owner(): string {
    return this.#options.owner;
  }

  get who(): "agent" | "visitor" {
    return this.#options.who;
  }

  get session(): BrowserSession {
    return this.#options.session;
  }

  /** The page that has it now. */
  get page(): SocketClient | undefined {
    return this.#page;
  }

  /** What a page needs to show it. */
  get told(): BrowserCall {
    const { handOff, who, owner } = this.#options;
    return {
      callId: this.callId,
      sinceAt: this.#sinceAt,
      ...(who === "visitor" && { token: owner }),
      ...(handOff && { handOff }),
      ...(this.#situation && { situation: plain(this.#situation) }),
    };
  }

  push(message: BoxPush): void {
    this.#page?.push(message);
  }

  /** A page takes the call; the one that had it is told that it has lost it. */
  arrive(page: SocketClient): void {
    const before = this.#page;
    if (before === page) return;
    if (before) this.push({ type: "call-ended", callId: this.callId, reason: "moved" });
    const isBack = before !== undefined || this.#absence !== undefined;
    this.#absence?.[Symbol.dispose]();
    this.#absence = undefined;
    this.#page = page;
    if (isBack) this.#note("page is back");
  }

  /** A page has gone. Its call stays up for a while, the other side hears silence. */
  leave(page: SocketClient): void {
    if (this.#page !== page) return;
    this.#page = undefined;
    if (this.leg.over) return;
    this.cameraOff();
    this.#note("page has gone");
    this.#absence = this.#options.clock.after(PAGE_PATIENCE_MS, () => {
      this.#note("page did not come back");
      void this.leg.hangup("normal");
    });
  }

  /** Joined with another browser: each may show the other its camera. */
  pair(other: BrowserLine): void {
    if (other.leg.over || this.leg.over) return;
    this.#partner = other;
    other.#partner = this;
    this.#mayLook();
    other.#mayLook();
  }

  part(): void {
    const partner = this.#partner;
    if (!partner) return;
    this.#partner = undefined;
    partner.#partner = undefined;
    for (const line of [this, partner]) {
      line.session.stopCamera();
      line.#theirs = false;
      line.#tellVideo();
    }
  }

  /** Shows the partner what this side's camera sees. False where there is nobody to see it. */
  async cameraOn(transportId: string, rtpParameters: Parameters<BrowserSession["produce"]>[2]): Promise<string | undefined> {
    const partner = this.#partner;
    if (!partner || !this.#isTalking || !partner.#isTalking) return undefined;
    const id = await this.session.produce(transportId, "video", rtpParameters);
    if (this.#partner === partner) {
      partner.#theirs = true;
      partner.#tellVideo();
    } else this.session.stopCamera();
    return id;
  }

  cameraOff(): void {
    this.session.stopCamera();
    const partner = this.#partner;
    if (partner === undefined) return;
    if (!partner.#theirs) return;
    partner.#theirs = false;
    partner.#tellVideo();
  }

  /** Whose camera is looked at. */
  get partner(): BrowserLine | undefined {
    return this.#partner;
  }

  /** Tells a page that has come back what it may see. */
  tellVideo(): void {
    if (this.#partner) this.#tellVideo();
  }

  get #isTalking(): boolean {
    return this.#situation === undefined || this.#situation.state === "talking" || this.#situation.state === "conference";
  }

  /** Somebody on hold is neither heard nor seen. */
  #mayLook(): void {
    const partner = this.#partner;
    if (!partner) return;
    if (!this.#isTalking || !partner.#isTalking) {
      this.cameraOff();
      partner.cameraOff();
    }
    this.#tellVideo();
    partner.#tellVideo();
  }

  #tellVideo(): void {
    const may = this.#partner !== undefined && this.#isTalking && this.#partner.#isTalking;
    this.push({ type: "video", callId: this.callId, may, theirs: may && this.#theirs });
  }

  #note(text: string): void {
    this.#options.note(this, `the ${this.who}'s ${text}`);
  }
}

const plain = ({ state, parties }: LegSituation) => ({ state, parties: [...parties] });
