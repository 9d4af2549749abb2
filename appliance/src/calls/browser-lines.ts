import { randomUUID } from "node:crypto";
import type { BoxPush } from "@sitebox/core/contract";
import type { Log } from "@sitebox/core/kernel";
import { type SocketClient, type SocketMethods, WebError } from "@sitebox/core/web";
import type { Digit } from "@sitebox/drivers/line";
import { z } from "zod";
import type { BrowserSession, DtlsParameters, RtpCapabilities, RtpParameters } from "../media/index.ts";
import { BrowserLeg } from "./browser-leg.ts";
import type { HandOffs } from "./hand-off.ts";

export interface BrowserLinesDeps {
  readonly log: Log;
  openSession(): Promise<BrowserSession>;
  readonly handOffs: HandOffs;
  /** Takes a visitor's leg as a call of its own. */
  adopt(leg: BrowserLeg): void;
  /** The number that a visitor's call reaches. */
  readonly visitorDials: string;
}

/** These values are mediasoup's own, which checks them itself. */
const opaque = <T>() => z.custom<T>((value) => typeof value === "object" && value !== null, "an object is expected");

const Transport = z.object({ direction: z.enum(["send", "recv"]) });
const Connect = z.object({ transportId: z.string(), dtlsParameters: opaque<DtlsParameters>() });
const Produce = z.object({ transportId: z.string(), kind: z.literal("audio"), rtpParameters: opaque<RtpParameters>() });
const Consume = z.object({ rtpCapabilities: opaque<RtpCapabilities>() });
const Resume = z.object({ consumerId: z.string() });
const Ready = z.object({ ready: z.boolean() });
const ForCall = z.object({ callId: z.string() });
const Digits = z.object({ digits: z.string().regex(/^[0-9*#]{1,32}$/) });

function parsed<T>(schema: z.ZodType<T>, params: unknown): T {
  const { success, data, error } = schema.safeParse(params ?? {});
  if (!success) throw new WebError("invalid", z.prettifyError(error));
  return data;
}

interface Page {
  session: Promise<BrowserSession> | undefined;
  leg: BrowserLeg | undefined;
  ready: boolean;
}

/** Visitors and agents who speak through a browser: their socket methods, and the legs that come of them. */
export class BrowserLines {
  readonly #deps: BrowserLinesDeps;
  readonly #pages = new Map<string, Page>();

  constructor(deps: BrowserLinesDeps) {
    this.#deps = deps;
  }

  /** Methods of /ws/visitor. */
  get visitorMethods(): SocketMethods {
    return {
      ...this.#rtc,
      "visitor.call": async (client) => {
        const page = this.#page(client);
        if (page.leg) throw new WebError("conflict", "a call is up already");
        const leg = await this.#leg(client, page, "", this.#deps.visitorDials);
        this.#deps.adopt(leg);
        return { callId: leg.id };
      },
      "visitor.digits": async (client, params) => {
        for (const digit of parsed(Digits, params).digits) this.#page(client).leg?.pressed(digit as Digit);
      },
      "visitor.hangup": async (client) => this.#page(client).leg?.hangup("normal"),
    };
  }

  /** Methods of /ws for those who answer calls. */
  get agentMethods(): SocketMethods {
    const agentsOnly = (client: SocketClient) => {
      if (client.account?.role !== "agent" && client.account?.role !== "admin")
        throw new WebError("not-allowed", "only agents take calls");
    };
    return {
      ...this.#rtc,
      "agent.ready": async (client, params) => {
        agentsOnly(client);
        const page = this.#page(client);
        page.ready = parsed(Ready, params).ready;
        if (page.ready) this.#deps.handOffs.ready({ id: client.id, push: (message: BoxPush) => client.push(message) });
        else this.#deps.handOffs.away(client.id);
        return { ready: page.ready };
      },
      "agent.answer": async (client, params) => {
        agentsOnly(client);
        const { callId } = parsed(ForCall, params);
        const page = this.#page(client);
        if (page.leg) throw new WebError("conflict", "another call is up: hang up first");
        const leg = await this.#leg(client, page, client.account?.name ?? "", "", callId);
        if (!this.#deps.handOffs.answer(callId, leg)) {
          page.leg = undefined;
          await leg.hangup("normal");
          throw new WebError("conflict", "the call was taken elsewhere or has ended");
        }
        return { callId };
      },
      "agent.hangup": async (client) => this.#page(client).leg?.hangup("normal"),
    };
  }

  get #rtc(): SocketMethods {
    return {
      "rtc.capabilities": async (client) => (await this.#session(client)).routerRtpCapabilities,
      "rtc.transport": async (client, params) =>
        (await this.#session(client)).createTransport(parsed(Transport, params).direction === "send" ? "send" : "receive"),
      "rtc.connect": async (client, params) => {
        const { transportId, dtlsParameters } = parsed(Connect, params);
        await (await this.#session(client)).connectTransport(transportId, dtlsParameters);
      },
      "rtc.produce": async (client, params) => {
        const { transportId, kind, rtpParameters } = parsed(Produce, params);
        return { id: await (await this.#session(client)).produce(transportId, kind, rtpParameters) };
      },
      "rtc.consume": async (client, params) => (await this.#session(client)).consume(parsed(Consume, params).rtpCapabilities),
      "rtc.resume": async (client, params) => (await this.#session(client)).resume(parsed(Resume, params).consumerId),
    };
  }

  #page(client: SocketClient): Page {
    const known = this.#pages.get(client.id);
    if (known) return known;
    const page: Page = { session: undefined, leg: undefined, ready: false };
    this.#pages.set(client.id, page);
    client.closed.addEventListener("abort", () => void this.#gone(client.id, page));
    return page;
  }

  #session(client: SocketClient): Promise<BrowserSession> {
    const page = this.#page(client);
    page.session ??= this.#deps.openSession();
    return page.session;
  }

  async #leg(
    client: SocketClient,
    page: Page,
    remote: string,
    dialled: string,
    callId: string = randomUUID(),
  ): Promise<BrowserLeg & { id: string }> {
    const { port } = await this.#session(client);
    const leg = new BrowserLeg({
      remote,
      dialled,
      audio: port,
      onEnded: (cause) => {
        client.push({ type: "call-ended", callId, reason: cause });
        if (page.leg === leg) page.leg = undefined;
        void this.#closeSession(page);
      },
    });
    page.leg = leg;
    return Object.assign(leg, { id: callId });
  }

  async #gone(id: string, page: Page): Promise<void> {
    this.#pages.delete(id);
    this.#deps.handOffs.away(id);
    await page.leg?.hangup("normal");
    await this.#closeSession(page);
  }

  /** A page that calls again gets new transports. */
  async #closeSession(page: Page): Promise<void> {
    const session = page.session;
    page.session = undefined;
    try {
      await (await session)?.[Symbol.asyncDispose]();
    } catch (err) {
      this.#deps.log.warn("a browser's media session could not be closed", { err });
    }
  }
}
