import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Call, CallOutcome, HandOff, SiteConfig, Ticket, TicketDraft } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import type { Leg, Trunk } from "@sitebox/drivers/line";
import type { Media, MediaLeg, Recording } from "../media/index.ts";
import type { Speech } from "../speech/index.ts";
import { Assistant, type HandOffOutcome, type Script } from "./assistant.ts";
import type { CallStore } from "./call-store.ts";
import type { HandOffs } from "./hand-off.ts";
import { type Dialplan, route } from "./routing.ts";
import { Timeline } from "./timeline.ts";

export interface CallsDeps<State> {
  readonly clock: Clock;
  readonly log: Log;
  readonly media: Media;
  readonly speech: Speech;
  readonly store: CallStore;
  readonly handOffs: HandOffs;
  readonly script: Script<State>;
  readonly dialplan: Dialplan;
  readonly site: Pick<SiteConfig, "roomExtensions">;
  readonly dataDir: string;
  openTicket(draft: TicketDraft): Promise<Ticket>;
}

/** Every call of the box, from its first ring to its record. */
export class Calls<State> implements AsyncDisposable {
  readonly #deps: CallsDeps<State>;
  readonly #running = new Map<Promise<void>, Leg>();

  constructor(deps: CallsDeps<State>) {
    this.#deps = deps;
  }

  /** Calls that are up now. */
  get active(): number {
    return this.#running.size;
  }

  /** Answers what comes in on a trunk until the trunk is closed. */
  async serve(trunk: Trunk): Promise<void> {
    for await (const leg of trunk.incoming) this.adopt(leg, "phone");
  }

  /** Takes a ringing leg: from here on it ends in a record, whatever happens. */
  adopt(leg: Leg, channel: Call["channel"]): void {
    const running: Promise<void> = this.#handle(leg, channel)
      .catch(async (err: unknown) => {
        this.#deps.log.error("a call failed", { err });
        await leg.hangup("failed");
      })
      .finally(() => this.#running.delete(running));
    this.#running.set(running, leg);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.values()].map((leg) => leg.hangup("normal")));
    await Promise.all(this.#running.keys());
  }

  async #handle(leg: Leg, channel: Call["channel"]): Promise<void> {
    const { store, media, dialplan, dataDir } = this.#deps;
    const { id } = await store.begin({ channel, callerNumber: leg.remote, dialled: leg.dialled });
    const log = this.#deps.log.child("call", { call: id });
    log.info("a call comes in", { channel, dialled: leg.dialled, pii: { caller: leg.remote } });
    const timeline = new Timeline({ ...this.#deps, log }, id);
    let outcome: CallOutcome = "failed";
    try {
      await using mediaLeg = media.attach(leg.audio);
      const left = await Promise.race([leg.answer().then(() => false), leg.ended.then(() => true)]);
      if (left) {
        outcome = "abandoned";
        return;
      }
      const file = join("recordings", `${id}.wav`);
      const recording = await this.#record(mediaLeg, join(dataDir, file), timeline);
      await store.answered(id, recording ? file : null);
      try {
        outcome = await this.#answer({ id, leg, media: mediaLeg, timeline, channel }, route(leg.dialled, dialplan));
      } finally {
        const recorded = await recording?.stop();
        timeline.add("media", "call ended", { ...recorded, ...(await mediaLeg.stats()) });
      }
    } catch (err) {
      log.error("a call broke off", { err });
      timeline.add("fault", "the call broke off inside the box");
      await leg.hangup("failed");
    } finally {
      await timeline.written();
      await store.end(id, outcome);
    }
  }

  /** A call without a recording is better than none: a full disk costs the recording only. */
  async #record(media: MediaLeg, file: string, timeline: Timeline): Promise<Recording | undefined> {
    try {
      await mkdir(dirname(file), { recursive: true });
      return await media.record(file);
    } catch (err) {
      this.#deps.log.error("a call cannot be recorded: look at the free space of the data folder", { err });
      timeline.add("fault", "the call could not be recorded");
      return undefined;
    }
  }

  async #answer(call: OpenCall, to: ReturnType<typeof route>): Promise<CallOutcome> {
    const { store, site } = this.#deps;
    if (to.type === "extension") {
      await store.moved(call.id, "extension");
      const outcome = await this.#handOff(call, { reason: "asked", summary: to.number }, [to.number]);
      if (outcome !== "nobody") return outcome === "caller-left" ? "abandoned" : outcome;
    }
    // A call is always answered: where the extension is not there, the assistant is.
    await store.moved(call.id, "assistant");
    const place = site.roomExtensions[call.leg.remote];
    const assistant = new Assistant(
      {
        ...this.#deps,
        openTicket: async (draft) => {
          const ticket = await this.#deps.openTicket(draft);
          await store.addTicket(call.id, ticket.id);
          return ticket;
        },
        handOff: (request) => this.#handOff(call, request, undefined),
      },
      { ...call, ...(place !== undefined && { place }) },
    );
    return assistant.run();
  }

  async #handOff(
    call: OpenCall,
    request: Pick<HandOff, "reason" | "place" | "summary">,
    ring: readonly string[] | undefined,
  ): Promise<HandOffOutcome> {
    const { store, handOffs } = this.#deps;
    if (!ring) await store.moved(call.id, "queued");
    // Who sees the offer has been told of every moment in it already.
    await call.timeline.written();
    const outcome = await handOffs.run(
      {
        callId: call.id,
        callerNumber: call.leg.remote,
        reason: request.reason,
        ...(request.place !== undefined && { place: request.place }),
        summary: request.summary,
        moments: [...call.timeline.moments],
      },
      { leg: call.leg, media: call.media, ring, answered: (by) => store.moved(call.id, by) },
    );
    if (outcome === "nobody") await store.moved(call.id, "message");
    return outcome;
  }
}

interface OpenCall {
  readonly id: Call["id"];
  readonly leg: Leg;
  readonly media: MediaLeg;
  readonly timeline: Timeline;
  readonly channel: Call["channel"];
}
