import type { CallLeg, CallWhy, CallWithMoments, SignallingMessage } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { WireMessage } from "@sitebox/drivers/line";
import type { CallTraces } from "./call-traces.ts";
import { mediaReasons } from "./media-reasons.ts";
import { pcapngOf } from "./pcapng.ts";
import { readMessage } from "./read-message.ts";
import { whyText } from "./why-text.ts";

export interface ExplainerDeps {
  readonly clock: Clock;
  readonly traces: CallTraces;
  readonly calls: { find(id: string): Promise<CallWithMoments | undefined> };
  /** What is measured now of the legs of a call that is up, by their ids. */
  measured(callId: string): Promise<ReadonlyMap<string, Pick<CallLeg, "stats" | "codec">>>;
}

/** Puts together why a call went as it did: its moments, its signalling, and how the sound of each leg fared. */
export class Explainer {
  readonly #deps: ExplainerDeps;

  constructor(deps: ExplainerDeps) {
    this.#deps = deps;
  }

  async find(id: string): Promise<CallWhy | undefined> {
    const found = await this.#deps.calls.find(id);
    if (!found) return undefined;
    const { moments, legs = [], ...call } = found;
    const wire = await this.#wireOf(found);
    const measured = call.state === "ended" ? undefined : await this.#deps.measured(id);
    const nowAt = this.#deps.clock.now();
    return {
      call,
      moments,
      wire: wire.map(shown),
      legs: legs
        .map((leg) => ({ ...leg, ...measured?.get(leg.id) }))
        .map((leg) => ({ ...leg, reasons: mediaReasons(leg, moments, nowAt) })),
    };
  }

  /** The signalling as a capture file. */
  async pcap(id: string): Promise<Uint8Array | undefined> {
    const found = await this.#deps.calls.find(id);
    return found && pcapngOf(await this.#wireOf(found));
  }

  text(why: CallWhy, language: "zh-CN" | "en"): string {
    return whyText(why, language);
  }

  recent(): SignallingMessage[] {
    return this.#deps.traces.recent().map(shown);
  }

  #wireOf({ legs = [] }: CallWithMoments): Promise<WireMessage[]> {
    return this.#deps.traces.find(legs.flatMap(({ wireId }) => wireId ?? []));
  }
}

function shown({ at, direction, transport, local, remote, wireId, bytes }: WireMessage): SignallingMessage {
  const { label, status } = readMessage(bytes);
  return {
    at,
    direction,
    transport,
    local,
    remote,
    ...(wireId !== undefined && { wireId }),
    label,
    ...(status !== undefined && { status }),
    text: Buffer.from(bytes).toString("utf8"),
  };
}
