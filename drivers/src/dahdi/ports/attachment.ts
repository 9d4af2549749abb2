import type { Log } from "@sitebox/core/kernel";
import type { LineFault } from "../../line/index.ts";
import { type ChannelInfo, HelperError, type HelperLink } from "../link/index.ts";
import { type CardChannel, type ChannelEars, type ChannelSettings, openChannel } from "./card-channel.ts";

/** Why a port cannot be used. */
export interface PortFault {
  readonly fault: LineFault;
  readonly reason: string;
}

/** What a refusal of the helper means to people. */
function faultOf(word: string): LineFault {
  if (word === "no-such-channel") return "unplugged";
  return word === "no-dahdi" || word === "lost" ? "helper-lost" : "failed";
}

export interface AttachmentHands extends ChannelEars {
  /** The port's fault has changed: the channel is open (undefined), or gone. */
  turned(fault: PortFault | undefined): void;
}

/** A port's hold on its channel: opening, losing and taking it again. */
export class Attachment {
  readonly #settings: ChannelSettings;
  readonly #hands: AttachmentHands;
  readonly #log: Log;
  #channel: CardChannel | undefined;
  #fault: PortFault | undefined = { fault: "helper-lost", reason: "the helper has not started yet" };
  #opening = false;

  constructor(settings: ChannelSettings, hands: AttachmentHands, log: Log) {
    this.#settings = settings;
    this.#hands = hands;
    this.#log = log;
  }

  get fault(): PortFault | undefined {
    return this.#fault;
  }

  get open(): boolean {
    return this.#channel !== undefined || this.#opening;
  }

  async attach(link: HelperLink, info: ChannelInfo | undefined): Promise<void> {
    if (this.open) return;
    const { channel } = this.#settings;
    if (!info) return this.#turn({ fault: "unplugged", reason: "no card has this channel, or the kernel's DAHDI is not loaded" });
    this.#opening = true;
    try {
      const ears: ChannelEars = {
        event: (words) => {
          if (words[0] === "removed") this.lose("unplugged", "the card was taken out");
          else if (words[0] === "lost")
            this.#log.info("frames of sound were lost between card and driver", { channel, frames: words[1] });
          else this.#hands.event(words);
        },
        audio: (samples) => this.#hands.audio(samples),
      };
      const without = (wish: string) => this.#log.warn("the card does not take a setting", { channel, wish });
      this.#channel = await openChannel(link, this.#settings, ears, without);
    } catch (error) {
      if (!(error instanceof HelperError)) throw error;
      return this.#turn({ fault: faultOf(error.fault), reason: error.message });
    } finally {
      this.#opening = false;
    }
    this.#turn(undefined);
    if (info.alarm !== undefined) this.#hands.event(["alarm", info.alarm]);
  }

  /** Says something; what is refused is logged and answered with false. */
  async ask(text: string): Promise<boolean> {
    try {
      if (!this.#channel) return false;
      await this.#channel.ask(text);
      return true;
    } catch (err) {
      if (!(err instanceof HelperError)) throw err;
      this.#log.warn("the card refused", { channel: this.#settings.channel, word: text.split(" ")[0], fault: err.fault });
      return false;
    }
  }

  /** The channel is gone by itself. */
  lose(fault: LineFault, reason: string): void {
    this.#channel?.forget();
    this.#channel = undefined;
    this.#turn({ fault, reason });
  }

  async close(): Promise<void> {
    const channel = this.#channel;
    this.#channel = undefined;
    await channel?.close();
  }

  #turn(fault: PortFault | undefined): void {
    const before = this.#fault;
    this.#fault = fault;
    if (before?.fault !== fault?.fault || before?.reason !== fault?.reason) this.#hands.turned(fault);
  }
}
