import { randomUUID } from "node:crypto";
import type { BoxPush, HandOff } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { type SocketClient, type SocketMethods, WebError } from "@sitebox/core/web";
import type { Leg } from "@sitebox/drivers/line";
import type { BrowserSession } from "../media/index.ts";
import type { BrowserLeg } from "./browser-leg.ts";
import { BrowserLine, type BrowserLineOptions } from "./browser-line.ts";
import {
  Connect,
  Consume,
  digitsOf,
  ForCall,
  Produce,
  parsed,
  Ready,
  Resume,
  requestOf,
  Token,
  Transport,
} from "./browser-params.ts";

/** The offers that agents answer. */
export interface AgentOffers {
  ready(agent: { readonly id: string; readonly account: string; push(message: BoxPush): void }): void;
  away(agentId: string): void;
  /** Gives the offered call to an agent's leg. False when it is no longer to be had. */
  answer(callId: string, leg: Leg): boolean;
}

export interface BrowserLinesDeps {
  readonly clock: Clock;
  readonly log: Log;
  openSession(): Promise<BrowserSession>;
  readonly handOffs: AgentOffers;
  /** Takes a visitor's leg as a call of its own. */
  adopt(leg: BrowserLeg): void;
  /** The number that a visitor's call reaches. */
  readonly visitorDials: string;
  /** The record of the call that a leg belongs to, by its wireId. */
  callOf(wireId: string): Promise<string | undefined>;
  /** A line for that call's timeline. */
  note(wireId: string, text: string): Promise<void>;
}

interface Page {
  /** Opened for sound before there is a call; the call's afterwards. */
  session: Promise<BrowserSession> | undefined;
  line: BrowserLine | undefined;
  /** What this page was offered, kept for the page that comes after it. */
  readonly offers: Map<string, HandOff>;
}

/** Visitors and agents who speak through a browser: their socket methods, and the legs that come of them. */
export class BrowserLines {
  readonly #deps: BrowserLinesDeps;
  readonly #pages = new Map<string, Page>();
  /** Calls that are up, with or without a page. */
  readonly #lines = new Set<BrowserLine>();

  constructor(deps: BrowserLinesDeps) {
    this.#deps = deps;
  }

  /** Methods of /ws/visitor. */
  get visitorMethods(): SocketMethods {
    return {
      ...this.#rtc,
      "visitor.call": async (client) => {
        const line = await this.#begin(client, { who: "visitor", owner: randomUUID(), callId: randomUUID() });
        this.#deps.adopt(line.leg);
        return line.told;
      },
      "visitor.resume": async (client, params) => this.#resume(client, "visitor", parsed(Token, params).token),
      "visitor.digits": async (client, params) => {
        for (const digit of digitsOf(params)) this.#page(client).line?.leg.pressed(digit);
      },
      "visitor.hangup": async (client) => this.#page(client).line?.leg.hangup("normal"),
    };
  }

  /** Methods of /ws for those who answer calls. */
  get agentMethods(): SocketMethods {
    const accountOf = (client: SocketClient) => {
      if (client.account?.role !== "agent" && client.account?.role !== "admin") throw new WebError("agents-only");
      return client.account;
    };
    const lineOf = (client: SocketClient): BrowserLine => {
      accountOf(client);
      const { line } = this.#page(client);
      if (!line) throw new WebError("no-call");
      return line;
    };
    return {
      ...this.#rtc,
      "agent.ready": async (client, params) => {
        const account = accountOf(client);
        const { offers } = this.#page(client);
        const { ready } = parsed(Ready, params);
        const push = (message: BoxPush) => {
          if (message.type === "offer") offers.set(message.handOff.callId, message.handOff);
          if (message.type === "offer-withdrawn" && message.reason !== "taken") offers.delete(message.callId);
          client.push(message);
        };
        if (ready) this.#deps.handOffs.ready({ id: client.id, account: account.id, push });
        else this.#deps.handOffs.away(client.id);
        return { ready };
      },
      "agent.answer": async (client, params) => {
        const account = accountOf(client);
        const { callId } = parsed(ForCall, params);
        const handOff = this.#page(client).offers.get(callId);
        const line = await this.#begin(client, { who: "agent", owner: account.id, callId, remote: account.name, handOff });
        if (!this.#deps.handOffs.answer(callId, line.leg)) {
          await line.leg.hangup("normal");
          throw new WebError("call-gone");
        }
        this.#pair(line);
        return line.told;
      },
      "agent.resume": async (client) => this.#resume(client, "agent", accountOf(client).id),
      "agent.control": async (client, params) => {
        const line = lineOf(client);
        line.leg.ask(requestOf(params, (progress) => line.push({ type: "transfer", callId: line.callId, progress })));
      },
      "agent.digits": async (client, params) => {
        const { leg } = lineOf(client);
        for (const digit of digitsOf(params)) leg.pressed(digit);
      },
      "agent.hangup": async (client) => this.#page(client).line?.leg.hangup("normal"),
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
        if (kind === "audio") return { id: await (await this.#session(client)).produce(transportId, kind, rtpParameters) };
        const id = await this.#page(client).line?.cameraOn(transportId, rtpParameters);
        if (id === undefined) throw new WebError("nobody-at-browser");
        return { id };
      },
      "rtc.consume": async (client, params) => {
        const { rtpCapabilities, kind } = parsed(Consume, params);
        const session = await this.#session(client);
        if (kind === "audio") return session.consume(rtpCapabilities);
        const partner = this.#page(client).line?.partner;
        if (!partner) throw new WebError("nobody-at-browser");
        return session.consumeCamera(partner.session, rtpCapabilities);
      },
      "rtc.resume": async (client, params) => (await this.#session(client)).resume(parsed(Resume, params).consumerId),
      "rtc.camera-off": async (client) => this.#page(client).line?.cameraOff(),
    };
  }

  #page(client: SocketClient): Page {
    const known = this.#pages.get(client.id);
    if (known) return known;
    const page: Page = { session: undefined, line: undefined, offers: new Map() };
    this.#pages.set(client.id, page);
    client.closed.addEventListener("abort", () => void this.#gone(client, page));
    return page;
  }

  #session(client: SocketClient): Promise<BrowserSession> {
    const page = this.#page(client);
    page.session ??= this.#deps.openSession();
    return page.session;
  }

  /** A call of this page, by the session in which its sound was laid. */
  async #begin(
    client: SocketClient,
    call: Pick<BrowserLineOptions, "who" | "owner" | "callId" | "handOff"> & { readonly remote?: string },
  ): Promise<BrowserLine> {
    const page = this.#page(client);
    if (page.line) throw new WebError("call-up-already");
    page.offers.clear();
    const session = await this.#session(client);
    const line: BrowserLine = new BrowserLine({
      clock: this.#deps.clock,
      ...call,
      session,
      remote: call.remote ?? "",
      dialled: call.who === "visitor" ? this.#deps.visitorDials : "",
      note: ({ leg }, text) => this.#note(leg, text),
      ended: (ended) => void this.#ended(ended),
    });
    this.#lines.add(line);
    page.line = line;
    line.arrive(client);
    // The page may have gone while its session was being opened.
    if (client.closed.aborted) line.leave(client);
    return line;
  }

  /** Gives a person's call to their newest page, which lays its sound anew; nothing where there is none. */
  async #resume(client: SocketClient, who: BrowserLine["who"], owner: string): Promise<object> {
    const page = this.#page(client);
    const line = [...this.#lines].findLast((one) => one.who === who && one.owner === owner);
    if (!line) return {};
    const before = line.page && this.#pages.get(line.page.id);
    if (before && before !== page) {
      before.line = undefined;
      before.session = undefined;
    }
    if (page.line !== line) await this.#closeSession(page);
    page.line = line;
    page.session = Promise.resolve(line.session);
    line.arrive(client);
    line.tellVideo();
    return line.told;
  }

  /** An agent who talks with a visitor's browser: they may see each other. */
  #pair(agent: BrowserLine): void {
    const find = async () => {
      for (const line of this.#lines) {
        if (line.who === "visitor" && (await this.#deps.callOf(line.leg.facts.wireId ?? "")) === agent.callId) agent.pair(line);
      }
    };
    find().catch((err: unknown) => this.#deps.log.warn("it could not be found out whether both ends are browsers", { err }));
  }

  #note({ facts }: BrowserLeg, text: string): void {
    this.#deps
      .note(facts.wireId ?? "", text)
      .catch((err: unknown) => this.#deps.log.warn("a moment of a browser's call could not be written", { err }));
  }

  async #ended(line: BrowserLine): Promise<void> {
    this.#lines.delete(line);
    const page = line.page && this.#pages.get(line.page.id);
    if (page?.line === line) {
      page.line = undefined;
      page.session = undefined;
    }
    await this.#close(line.session);
  }

  async #gone(client: SocketClient, page: Page): Promise<void> {
    this.#pages.delete(client.id);
    this.#deps.handOffs.away(client.id);
    if (page.line) page.line.leave(client);
    else await this.#closeSession(page);
  }

  async #closeSession(page: Page): Promise<void> {
    const session = page.session;
    page.session = undefined;
    if (session) await this.#close(session);
  }

  /** A page that calls again gets new transports. */
  async #close(session: BrowserSession | Promise<BrowserSession>): Promise<void> {
    try {
      await (await session)[Symbol.asyncDispose]();
    } catch (err) {
      this.#deps.log.warn("a browser's media session could not be closed", { err });
    }
  }
}
