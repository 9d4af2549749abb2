import { type BoxConfig, type BoxPush, type CallId, type ExtensionState, troubleOf } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { probeModem } from "@sitebox/drivers/gsm";
import type { Leg, LineState, Trunk } from "@sitebox/drivers/line";
import type { SipEndpoint } from "@sitebox/drivers/sip";
import { openUsb, type UsbModem } from "@sitebox/drivers/usb";
import type { Announcement } from "./calls/index.ts";
import type { SitePlan, Switches } from "./calls/plan/index.ts";
import { cardTelephone } from "./card-telephone.ts";
import type { Care, HealthProbe } from "./care/index.ts";
import type { BoxDatabase } from "./db/index.ts";
import type { Vocabulary } from "./dialog/index.ts";
import type { LineDesk } from "./http/index.ts";
import { lineDesk, lineNumbers, outsideLine } from "./line-desk.ts";
import {
  byLine,
  FoundDevices,
  gatewayMemory,
  LineAlarms,
  type LineConfigs,
  LineDialler,
  LineQualities,
  LineRegistry,
  Lines,
  lineKinds,
  lowBalanceOf,
  onlyLines,
  openLineUses,
  reportMemory,
  SelfCalls,
  simMemory,
} from "./lines/index.ts";
import { programs } from "./programs.ts";
import { textLines } from "./text-lines.ts";
import { openTexts, type Texts } from "./texts/index.ts";
import type { Tickets } from "./tickets/index.ts";

interface Deps {
  readonly clock: Clock;
  readonly log: Log;
  readonly db: BoxDatabase;
  readonly config: BoxConfig;
  readonly configs: LineConfigs;
  readonly plan: SitePlan;
  readonly sip: SipEndpoint;
  readonly tickets: Tickets;
  readonly vocabulary: Vocabulary;
  readonly switches: Switches;
  /** Ends the least important call on one of these lines for a call for help. Resolves with the line that was freed. */
  makeRoom(lines: readonly string[]): Promise<string | undefined>;
}

/** The box's lines to the outside and what comes and goes by them. The opener closes it. */
export interface Outside extends AsyncDisposable {
  /** Calls that come in by lines with devices of their own; carriers' come in with the SIP side's. */
  readonly incoming: AsyncIterable<Leg>;
  /** What comes in on a trunk without the calls that the box makes to itself. */
  guestsOf(trunk: Pick<Trunk, "incoming">): Pick<Trunk, "incoming">;
  readonly dialler: LineDialler;
  readonly texts: Texts;
  readonly probe: HealthProbe;
  /** Telephones that are plugged into cards. */
  telephones(): readonly ExtensionState[];
  desk(announce: (announcement: Announcement) => Promise<CallId>): LineDesk;
  /** Opens the lines, and tells the pages and those who look after the box of them from now on. */
  start(told: { push(push: BoxPush): void; readonly care: Pick<Care, "alarm" | "alarms"> }): void;
}

/** Opens what the box has to the outside; no line is in use before it is started. */
export async function openOutside({
  clock,
  log,
  db,
  config,
  configs,
  plan,
  sip,
  tickets,
  vocabulary,
  switches,
  makeRoom,
}: Deps): Promise<Outside> {
  const deps = { clock, log };
  await using opening = new AsyncDisposableStack();
  const usb = opening.use(await openUsb({ ...deps, ...config.lines.usb }));
  const uses = opening.use(await openLineUses({ ...deps, db, timeZone: config.site.timeZone }));
  const qualities = opening.use(new LineQualities({ ...deps, db }));
  await qualities.start();
  const registry = opening.use(
    new LineRegistry({
      ...deps,
      configs,
      uses,
      open: lineKinds({
        sip,
        usb,
        gatewayMemory: gatewayMemory(db),
        reportMemory: (line) => reportMemory(db, line),
        simMemory: (line) => simMemory(db, line),
        callWaits: (line) => selfCalls.callWaits(line),
        cardHelper: programs.cardHelper,
      }),
      onText: (line, text) => texts.take(line, text),
      onReport: (line, report) => texts.report(line, report),
    }),
  );
  const texts: Texts = opening.use(
    await openTexts({
      ...deps,
      db,
      config: config.texts,
      site: config.site,
      vocabulary,
      tickets,
      lines: textLines(registry, config),
    }),
  );
  const probe = (modem: UsbModem, signal: AbortSignal) => probeModem(modem, { ...deps, signal });
  const found = opening.use(new FoundDevices({ ...deps, usb, registry, probe }));
  const lines = opening.use(
    new Lines([
      onlyLines(
        {
          lines: () => sip.lines(),
          line: (name) => sip.line(name),
          onLineChanged: (listener) => sip.onLineChanged(listener),
        },
        config.sip.trunks.map(({ name }) => name),
      ),
      registry,
    ]),
  );
  const selfCalls: SelfCalls = opening.use(
    new SelfCalls({
      ...deps,
      db,
      config: config.lines.selfCall,
      timeZone: config.site.timeZone,
      lines,
      numbersOf: (name) => lineNumbers({ config, registry }, name),
      onResult: (name) => {
        const state = lines.states().find((one) => one.name === name);
        if (state) lines.events.emit("lineChanged", state);
      },
    }),
  );
  await selfCalls.load();
  const giveWay = (names: readonly string[]) => selfCalls.giveWay(names);
  const dialler = new LineDialler({
    ...deps,
    giveWay,
    makeRoom: async (names) => {
      await giveWay(names);
      const free = lines.states().find(({ name, calls, maxCalls }) => names.includes(name) && calls < maxCalls);
      return free?.name ?? (await makeRoom(names));
    },
    extensions: { dial: (number, options) => (registry.telephone(number) ?? sip).dial(number, options) },
    lines,
    numbers: plan.numbers,
    rang: (target) => plan.rang(target),
  });
  const view = { config, registry, qualities, selfCalls };
  const lowBalance = (name: string) => {
    const line = registry.setUp(name)?.config;
    return line && lowBalanceOf(line);
  };
  const devices = () => (config.lines.discovery ? found.list() : []);
  const owned = opening.move();
  return {
    incoming: registry.incoming,
    guestsOf: ({ incoming }) => ({ incoming: guests(incoming, selfCalls) }),
    dialler,
    texts,
    probe: { name: "lines", essential: false, state: () => health(lines.states()) },
    telephones: () =>
      configs.telephones().map(({ number, line }) => {
        const state = lines.states().find(({ name }) => name === line);
        return cardTelephone(number, { config: configs.find(line)?.config, state }, switches);
      }),
    desk: (announce) =>
      lineDesk({
        ...view,
        clock,
        lines,
        found: devices,
        testCall: (line, to, by) =>
          announce({ by, to, line, prompt: { id: "line-test" }, dialler: byLine(lines, line, giveWay) }),
      }),
    start({ push, care }) {
      const alarms = owned.use(
        new LineAlarms({ clock, states: () => lines.states(), lowBalance, raise: (alarm) => care.alarm(alarm) }),
      );
      lines.events.on("lineChanged", (state) => {
        qualities.take(state);
        alarms.take(state);
        const called = selfCalls.of(state.name);
        if (called.length > 0) alarms.calledItself(state.name, called);
        texts.lineChanged();
        push({ type: "line", line: outsideLine(view, state) });
      });
      registry.events.on("lineRemoved", (name) => {
        qualities.forget(name);
        alarms.forget(name);
        void selfCalls.forget(name);
        push({ type: "line-removed", name });
      });
      texts.events.on("textChanged", (text) => push({ type: "text", text }));
      found.events.on("foundChanged", () => push({ type: "found-devices", devices: [...devices()] }));
      registry.start();
      if (config.lines.discovery) found.start();
      selfCalls.start();
      alarms.start(care.alarms);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function* guests(incoming: AsyncIterable<Leg>, selfCalls: SelfCalls): AsyncGenerator<Leg> {
  for await (const leg of incoming) if (!selfCalls.takes(leg)) yield leg;
}

/** Lines that are switched off are not missed. */
function health(states: readonly LineState[]): ReturnType<HealthProbe["state"]> {
  const wanted = states.filter(({ fault }) => fault !== "switched-off");
  const down = wanted.filter(({ state }) => state === "down").map(({ name }) => name);
  if (wanted.length === 0) return { state: "absent" };
  if (down.length === 0) return { state: wanted.some(({ state }) => state === "up") ? "ok" : "starting" };
  return { state: "degraded", ...troubleOf("lines-down", { lines: down.join(", ") }) };
}
