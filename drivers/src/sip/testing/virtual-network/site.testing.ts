import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import type { DialOutcome, HangupCause, Leg } from "../../../line/index.ts";
import { openSipEndpoint, type SipConfigInput, type SipEndpoint } from "../../agent/index.ts";
import type { SeededRandom } from "./random.ts";
import { type SilentRtpPort, silentRtpPorts } from "./silent-rtp.ts";
import { VirtualNetwork } from "./virtual-network.ts";

/** One leg and what became of it. */
export interface Watched {
  readonly leg: Leg;
  ended: HangupCause | undefined;
}

/** What an end does with the calls that come in. */
export type Taking = (leg: Leg) => void;

/** One whole endpoint, and everything that it opened. */
export class Party {
  readonly box: SipEndpoint;
  readonly legs: Watched[] = [];
  readonly ports: readonly SilentRtpPort[];
  readonly outcomes: DialOutcome[] = [];
  dialled = 0;

  constructor(box: SipEndpoint, ports: readonly SilentRtpPort[], take: Taking) {
    this.box = box;
    this.ports = ports;
    void this.#take(take);
  }

  /** Rings the other party's number and watches the call. */
  async dial(other: Party, number: string, signal: AbortSignal): Promise<Leg | undefined> {
    this.dialled += 1;
    const outcome = await this.box.dial(`sip:${number}@127.0.0.1:${other.box.address.udpPort}`, { signal });
    this.outcomes.push(outcome);
    if (outcome.type !== "answered") return undefined;
    this.watch(outcome.leg);
    return outcome.leg;
  }

  watch(leg: Leg): void {
    const watched: Watched = { leg, ended: undefined };
    this.legs.push(watched);
    void leg.ended.then((cause) => {
      watched.ended = cause;
    });
  }

  async #take(take: Taking): Promise<void> {
    for await (const leg of this.box.incoming) {
      this.watch(leg);
      take(leg);
    }
  }
}

/** Two endpoints on one network. */
export interface Line extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly network: VirtualNetwork;
  readonly parties: readonly [Party, Party];
}

export type Srtp = NonNullable<SipConfigInput["srtp"]>;

export interface LineOptions {
  readonly random: SeededRandom;
  /** What both parties do with calls that come in. */
  readonly take: (leg: Leg, clock: VirtualClock) => void;
  readonly srtp: readonly [Srtp, Srtp];
}

/** Opens two whole endpoints whose datagrams go through a virtual network. */
export async function openLine({ random, take, srtp }: LineOptions): Promise<Line> {
  const clock = new VirtualClock();
  const network = new VirtualNetwork({ clock, random });
  const open = async (policy: Srtp) => {
    const rtp = silentRtpPorts();
    const deps = { clock, log: silentLog, rtp, datagrams: network.open };
    const box = await openSipEndpoint({ listen: { host: "127.0.0.1", port: 0 }, srtp: policy }, deps);
    return new Party(box, rtp.opened, (leg) => take(leg, clock));
  };
  const parties = [await open(srtp[0]), await open(srtp[1])] as const;
  return {
    clock,
    network,
    parties,
    async [Symbol.asyncDispose]() {
      const closing = Promise.all(parties.map(({ box }) => box[Symbol.asyncDispose]()));
      for (let step = 0; step < 20; step++) await clock.advance(100);
      await closing;
    },
  };
}
