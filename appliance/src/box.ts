import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { OneTimePassword } from "@sitebox/core/accounts";
import { type BoxConfig, troubleOf } from "@sitebox/core/contract";
import { type Clock, type Log, silentLog, supervise, systemClock } from "@sitebox/core/kernel";
import type { WireMessage } from "@sitebox/drivers/line";
import { openSipEndpoint, type Presence } from "@sitebox/drivers/sip";
import { openBoxAccounts } from "./accounts/index.ts";
import { callSettings } from "./call-settings.ts";
import { BrowserLines, BrowserRecord, CallExport, CallStore, Calls, HandOffs, LineStates } from "./calls/index.ts";
import { openExtensionSwitches, openNumberLists } from "./calls/lists/index.ts";
import { Mailbox } from "./calls/mailbox/index.ts";
import { openCallPlan, planIssues } from "./calls/plan/index.ts";
import { CallTraces, Explainer } from "./calls/trace/index.ts";
import { type Care, type HealthProbe, openCare, SipCertificate, withReserve } from "./care/index.ts";
import { fieldChannel, Notifier } from "./channels/index.ts";
import { openBoxDatabase } from "./db/index.ts";
import {
  compileVocabulary,
  type DialogState,
  type Expecting,
  fixedPrompts,
  renderPrompt,
  turnGrammar,
  understand,
} from "./dialog/index.ts";
import { Emergencies } from "./emergencies/index.ts";
import { extensionStates, watchExtensions } from "./extensions.ts";
import { type BoxHttp, openHttp } from "./http/index.ts";
import { checkLines, openLineConfigs } from "./lines/index.ts";
import { openMedia, openWebRtc } from "./media/index.ts";
import { openOutside } from "./outside.ts";
import { programs } from "./programs.ts";
import { dialogScript } from "./script.ts";
import { openSpeech } from "./speech/index.ts";
import { speechTools } from "./speech-tools.ts";
import { openUplink, type Uplink } from "./sync/index.ts";
import { openTickets } from "./tickets/index.ts";
import { software } from "./version.ts";

export interface BoxParts {
  readonly clock: Clock;
  readonly log: Log;
}

/** What whoever started the box has to know. */
export interface BoxReady {
  readonly url: string;
  /** host:port of SIP, UDP and TCP. */
  readonly sip: string;
  readonly notes: readonly string[];
  /** One-time passwords of accounts that are new. */
  readonly accounts: readonly OneTimePassword[];
}

export interface Box extends AsyncDisposable {
  readonly ready: BoxReady;
  /** Whether the box can do its work; asked by the service manager's watchdog. */
  alive(): Promise<boolean>;
}

const RING_MS = 25_000;
/** Questions whose grammars are compiled before the first call. */
const questions: readonly Expecting[] = [
  { slot: "anything" },
  { slot: "confirmation", kind: "repair" },
  { slot: "confirmation", kind: "delivery" },
  { slot: "more" },
  { slot: "room" },
  { slot: "item" },
  { slot: "goods" },
  { slot: "quantity" },
];

/** Composition root: the only place that names concrete classes. Everything is closed in reverse order. */
export async function openBox(config: BoxConfig, parts: Partial<BoxParts> = {}): Promise<Box> {
  checkLines(config);
  await using opening = new AsyncDisposableStack();
  const { clock = systemClock, log = silentLog } = parts;
  const { site } = config;
  const dataDir = resolve(config.dataDir);
  const deps = { clock, log };
  const stopping = new AbortController();
  const background: Promise<void>[] = [];
  opening.defer(async () => {
    await Promise.all(background);
  });

  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const db = opening.use(await withReserve(dataDir, log, () => openBoxDatabase(dataDir)));
  const { syncPersonalData } = config.uplink;
  const lists = await openNumberLists({ ...deps, db, config: config.calls });
  const switches = await openExtensionSwitches({ ...deps, db });
  const lineConfigs = await openLineConfigs({
    ...deps,
    db,
    config,
    planIssues: (extensions, lines) => planIssues(config, { lines, extensions: () => extensions }),
  });
  const telephones = () => lineConfigs.telephones().map(({ number }) => number);
  // Checked before accounts are made: one-time passwords of a first start are shown only when all of it succeeds.
  const beside = { lines: lineConfigs.names(), extensions: telephones };
  const plan = openCallPlan(config, { clock, lists, switches, beside });
  const { accounts, created } = await openBoxAccounts({ ...deps, db, site });

  const media = opening.use(
    await openMedia({
      ...deps,
      rtpPortRange: { first: config.rtp.firstPort, last: config.rtp.lastPort },
      codeCacheDir: join(dataDir, "cache", "media-worker"),
    }),
  );
  const { host, port, announcedAddress } = config.webrtc;
  const browsers = opening.use(
    await openWebRtc({
      ...deps,
      media,
      workerBin: programs.mediaWorker,
      listen: { ip: host, port, ...(announcedAddress && { announcedAddress }) },
    }),
  );
  const speech = opening.use(
    await openSpeech({
      ...deps,
      modelsDir: resolve(config.modelsDir),
      nativeProgram: programs.recogniser,
      cacheDir: join(dataDir, "cache"),
    }),
  );

  const uplink = opening.use(
    await openUplink({
      ...deps,
      box: config.box,
      siteName: site.name,
      software,
      config: config.uplink,
      identityDir: join(dataDir, "identity"),
      db,
    }),
  );
  const tickets = await openTickets({ ...deps, db, dataDir, site, syncPersonalData });
  tickets.events.on("ticketChanged", () => uplink.notify());

  const vocabulary = compileVocabulary(site);
  const traces = opening.use(new CallTraces({ ...deps, db }));
  const onWire = (message: WireMessage) => traces.take(message);
  const certificate = new SipCertificate({ ...deps, dataDir, sip: config.sip });
  await certificate.renew();
  const mailbox = new Mailbox({ db, clock, dataDir });
  const lineStates = new LineStates();
  const presence = telephoneLamps(lineStates, mailbox);
  const sip = opening.use(await openSipEndpoint(certificate.config, { ...deps, rtp: media.rtp, onWire, presence }));
  const makeRoom = (lines: readonly string[]) => calls.makeRoom(lines);
  const outside = opening.use(
    await openOutside({ ...deps, db, config, configs: lineConfigs, plan, sip, tickets, vocabulary, switches, makeRoom }),
  );
  const store = new CallStore({ ...deps, db, syncPersonalData });
  store.events.on("legChanged", (leg) => lineStates.take(leg));
  const broken = await store.closeAbandoned();
  if (broken > 0) log.warn("calls were up when the box stopped last time; their records are closed", { calls: broken });
  const handOffs = new HandOffs({ clock, ringExtensions: site.handOffExtensions, ringMs: RING_MS });
  const calls: Calls<DialogState> = opening.use(
    new Calls({
      ...deps,
      media,
      speech,
      store,
      handOffs,
      script: dialogScript(vocabulary),
      plan,
      dialler: outside.dialler,
      config: config.calls,
      mailbox,
      switches,
      site,
      dataDir,
      openTicket: (draft) => tickets.open(draft),
    }),
  );
  const callExport = new CallExport({ db, timeZone: site.timeZone });
  const browserRecord = new BrowserRecord({ db, clock, store });
  const lines = new BrowserLines({
    ...deps,
    openSession: () => browsers.open(),
    handOffs,
    adopt: (leg) => calls.adopt(leg, "web-call"),
    visitorDials: config.sip.serviceNumbers[0] ?? "",
    callOf: (wireId) => browserRecord.callOf(wireId),
    note: (wireId, text) => browserRecord.note(wireId, text),
  });

  const probes: HealthProbe[] = [
    { name: "sip", essential: true, state: () => ({ state: "ok" }) },
    ...speech.state().map(
      ({ name }): HealthProbe => ({
        name,
        essential: false,
        state: () => {
          const engine = speech.state().find((one) => one.name === name);
          const state = engine?.state === "ready" ? "ok" : (engine?.state ?? "absent");
          if (engine?.reason === undefined) return { state };
          return { state, ...troubleOf(state === "absent" ? "engine-absent" : "engine-failed", { why: engine.reason }) };
        },
      }),
    ),
    outside.probe,
    { name: "uplink", essential: false, state: () => uplinkState(uplink) },
  ];
  const care = opening.use(await openCare({ ...deps, config, software, db, activeCalls: () => calls.active, probes }));
  tickets.events.on("storageFailed", (error) => care.storageFailed(error));
  const emergencies = opening.use(
    new Emergencies({
      ...deps,
      tickets,
      raise: (alarm) => care.alarm(alarm),
      ring: (ticket, signal) => {
        const prompt = { id: "emergency-alert", params: { what: ticket.summary, number: ticket.number } };
        return calls.alert({ ticket, prompt, signal });
      },
      note: (who) =>
        renderPrompt(
          who === undefined ? { id: "summary.alerted-nobody" } : { id: "summary.alerted", params: { who } },
          "zh-CN",
          site,
        ),
    }),
  );
  const extensions = () => [...extensionStates(config, sip, switches), ...outside.telephones()];
  const http = opening.use(
    await openHttp({
      ...deps,
      config: { ...config, dataDir },
      software,
      uiDir: programs.pages,
      accounts,
      tickets,
      calls: store,
      desk: { place: (placing) => calls.place(placing), csv: (query) => callExport.csv(query) },
      settings: callSettings({
        ...{ db, clock, lists, switches, plan },
        extensions: () => [...config.sip.extensions.map(({ number }) => number), ...telephones()],
      }),
      lines: outside.desk((announcement) => calls.announce(announcement)),
      texts: outside.texts,
      guard: sip,
      explainer: new Explainer({ clock, traces, calls: store, measured: (callId) => calls.measured(callId) }),
      speech: speechTools({
        speech,
        understand: async (text) => understand(text, vocabulary),
        grammar: turnGrammar(vocabulary, { slot: "anything" }),
      }),
      agentMethods: lines.agentMethods,
      visitorMethods: lines.visitorMethods,
      extensions: async () => extensions(),
      uplink: async () => uplink.state(),
      health: () => care.health(),
      metrics: () => care.metrics(),
    }),
  );
  const notifier = opening.use(new Notifier({ ...deps, tickets, channels: [fieldChannel(http)] }));
  notifier.start();
  await emergencies.start(care.alarms);
  tellPages({ http, store, uplink, care });
  outside.start({ push: (message) => http.push(message), care });
  const watch = supervise(
    "extension states",
    (signal) => watchExtensions(extensions, (message) => http.push(message), clock, signal),
    {
      ...deps,
      signal: stopping.signal,
    },
  );
  const certifying = supervise("certificate", (signal) => certificate.watch(() => sip.renewCertificate(), signal), {
    ...deps,
    signal: stopping.signal,
  });
  const preparing = prepare();
  background.push(calls.serve(outside.guestsOf(sip)), calls.serve(outside.guestsOf(outside)), watch, certifying, preparing);
  opening.defer(() => stopping.abort());

  /** What makes the first call as quick as the next: rendered prompts, compiled grammars. */
  async function prepare(): Promise<void> {
    try {
      await speech.settled(stopping.signal);
      const grammars = questions.map((question) => turnGrammar(vocabulary, question));
      await Promise.all([...grammars.map((grammar) => speech.prepare(grammar)), speech.warm(fixedPrompts(site), "zh-CN")]);
    } catch (err) {
      if (!stopping.signal.aborted)
        log.warn("speech could not be prepared; calls go by keypad and message until it is there", { err });
    }
  }

  const owned = opening.move();
  const address = `${config.sip.externalAddress ?? sip.address.host}:${sip.address.udpPort}`;
  return {
    ready: {
      url: http.url,
      sip: address.replace(/^0\.0\.0\.0/, "127.0.0.1"),
      notes: notesOf(http.url, config, created),
      accounts: created,
    },
    alive: async () => (await care.health()).state !== "failed",
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What telephones with lamps may watch. */
function telephoneLamps(lines: LineStates, mailbox: Mailbox): Presence {
  return {
    lineState: (number) => lines.of(number),
    onLineState: (listener) => lines.onChanged(listener),
    mailbox: (number) => mailbox.counts(number),
    onMailbox: (listener) => {
      mailbox.events.on("countsChanged", listener);
      return { [Symbol.dispose]: () => void mailbox.events.off("countsChanged", listener) };
    },
  };
}

function uplinkState(uplink: Uplink): ReturnType<HealthProbe["state"]> {
  const { state, fault, reason } = uplink.state();
  const told = state === "online" ? "ok" : state === "off" ? "absent" : "degraded";
  return { state: told, ...(fault && troubleOf("uplink-down", { uplink: fault, why: reason ?? "" })) };
}

/** Facts go to the pages that may see them. */
function tellPages({ http, store, uplink, care }: { http: BoxHttp; store: CallStore; uplink: Uplink; care: Care }): void {
  store.events.on("callChanged", (call) => http.push({ type: "call", call }));
  store.events.on("moment", (callId, moment) => http.push({ type: "moment", callId, moment }));
  uplink.events.on("changed", (state) => http.push({ type: "uplink", uplink: state }));
  care.events.on("healthChanged", (health) => http.push({ type: "health", health }));
}

function notesOf(url: string, { sip }: BoxConfig, created: readonly OneTimePassword[]): string[] {
  return [
    `Call us 网页呼叫 ${url}/visitor/    Desk 工作台 ${url}/desk/    Field 维修 ${url}/field/`,
    ...sip.extensions.map(({ number, password, displayName }) => `SIP ${number} ${displayName ?? ""}  password ${password}`),
    `Dial ${sip.serviceNumbers.join(", ")} for the assistant. 拨 ${sip.serviceNumbers.join("、")} 接通语音助手。`,
    ...created.map(({ name, password }) => `Box login ${name}  one-time password 一次性密码 ${password}`),
  ];
}
