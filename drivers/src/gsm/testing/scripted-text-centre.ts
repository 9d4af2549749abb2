import { Channel, systemClock } from "@sitebox/core/kernel";
import { assemble, type Carried, decodeIncoming, encodeDeliver, type Submit, splitText } from "../pdu/index.ts";
import type { ScriptedModem } from "./scripted-modem.ts";
import type { ScriptedNetwork } from "./scripted-network.ts";

/** How a text is sent from somewhere in the network. */
export interface ScriptedSending {
  /** Epoch ms; one second after the one before when absent, so that no two are alike. */
  readonly sentAt?: number;
  readonly backwards?: boolean;
  readonly twice?: boolean;
  /** Parts that are lost on the way, from 1. */
  readonly without?: readonly number[];
  /** Of the concatenation; one after the other when absent. */
  readonly reference?: number;
}

interface Telephone {
  readonly parts: Carried<string>[];
  readonly texts: Channel<{ readonly from: string; readonly text: string }>;
}

/** The text centre of a scripted network: between modems, and telephones that are no modems. */
export class ScriptedTextCentre {
  /** Numbers to which it refuses to send, with the +CMS ERROR. */
  readonly refused = new Map<string, number>();
  /** Numbers that texts never reach, with the TP-ST that is reported. */
  readonly lost = new Map<string, number>();
  /** What a service such as 10086 answers to a text. */
  readonly services = new Map<string, (text: string, from: string) => string | undefined>();
  readonly #network: ScriptedNetwork;
  readonly #modems = new Map<ScriptedModem, { readonly deliver: (hex: string) => boolean; readonly waiting: string[] }>();
  readonly #telephones = new Map<string, Telephone>();
  #reference = 0;
  #lastSentAt = 0;

  constructor(network: ScriptedNetwork) {
    this.#network = network;
  }

  /** How a modem takes a message from the network: false where it cannot now. */
  attach(modem: ScriptedModem, deliver: (hex: string) => boolean): void {
    this.#modems.set(modem, { deliver, waiting: [] });
  }

  /** The texts that come to a telephone, whole. One reader. */
  telephone(number: string): AsyncIterable<{ readonly from: string; readonly text: string }> {
    return this.#telephone(number).texts;
  }

  /** A modem sends. Answers the +CMS ERROR, or the TP-ST of what becomes of it. */
  submit(modem: ScriptedModem, submit: Submit): { readonly refused: number } | { readonly status: number } {
    const { to } = submit;
    const refused = this.refused.get(to);
    if (refused !== undefined) return { refused };
    const lost = this.lost.get(to);
    if (lost !== undefined) return { status: lost };
    const from = modem.identity.number;
    this.#carry(encodeDeliver({ ...submit, from, sentAt: this.#time() }).hex, to);
    return { status: 0 };
  }

  /** A telephone of the network, or a service, sends a text to a number. */
  send(from: string, to: string, text: string, sending: ScriptedSending = {}): void {
    const { sentAt = this.#time(), backwards, twice, without = [], reference = this.#nextReference() } = sending;
    const contents = splitText(text);
    const hexes = contents.map((content, at) => {
      const concatenation = { reference, total: contents.length, part: at + 1 };
      return encodeDeliver({ from, sentAt, content, ...(contents.length > 1 && { concatenation }) }).hex;
    });
    const there = hexes.filter((_, at) => !without.includes(at + 1));
    if (backwards) there.reverse();
    for (const hex of there) for (const one of twice ? [hex, hex] : [hex]) this.#carry(one, to);
  }

  /** Tries again to hand a modem what it could not take. */
  retry(modem: ScriptedModem): void {
    const { waiting = [], deliver } = this.#modems.get(modem) ?? {};
    while (waiting[0] !== undefined && modem.reachable && deliver?.(waiting[0])) waiting.shift();
  }

  #carry(hex: string, to: string): void {
    const modem = this.#network.find(to);
    if (modem) {
      this.#modems.get(modem)?.waiting.push(hex);
      this.retry(modem);
    } else this.#arrive(hex, to);
  }

  #arrive(hex: string, to: string): void {
    const deliver = decodeIncoming(hex);
    if (deliver.type !== "deliver") return;
    const { parts, texts } = this.#telephone(to);
    parts.push({ deliver, carrier: hex });
    for (const { from, text, missing, carriers } of assemble(parts)) {
      if (missing > 0) continue;
      for (const carrier of carriers) {
        const at = parts.findIndex((part) => part.carrier === carrier);
        parts.splice(at, 1);
      }
      const answer = this.services.get(to)?.(text, from);
      if (answer !== undefined) this.send(to, from, answer);
      texts.push({ from, text });
    }
  }

  #telephone(number: string): Telephone {
    const telephone = this.#telephones.get(number) ?? { parts: [], texts: new Channel() };
    this.#telephones.set(number, telephone);
    return telephone;
  }

  #nextReference(): number {
    this.#reference = (this.#reference + 1) & 0xff;
    return this.#reference;
  }

  #time(): number {
    this.#lastSentAt = Math.max(this.#lastSentAt + 1_000, Math.floor(systemClock.now() / 1_000) * 1_000);
    return this.#lastSentAt;
  }
}

const centres = new WeakMap<ScriptedNetwork, ScriptedTextCentre>();

/** The text centre of a network, or of the one that a modem is in. */
export function centreOf(of: ScriptedNetwork): ScriptedTextCentre;
export function centreOf(of: ScriptedModem): ScriptedTextCentre | undefined;
export function centreOf(of: ScriptedNetwork | ScriptedModem): ScriptedTextCentre | undefined {
  const network = "identity" in of ? of.network : of;
  if (!network) return undefined;
  const centre = centres.get(network) ?? new ScriptedTextCentre(network);
  centres.set(network, centre);
  return centre;
}
