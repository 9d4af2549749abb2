import { open, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { BoxConfig, type LineConfig } from "@sitebox/core/contract";
import { ConfigError, readConfigFile, silentLog, systemClock } from "@sitebox/core/kernel";
import { forgetfulMemory } from "@sitebox/drivers/gateway";
import type { Line, LineState, Traffic } from "@sitebox/drivers/line";
import { TranscriptWriter } from "@sitebox/drivers/transcript";
import { openUsb } from "@sitebox/drivers/usb";
import { databaseFile, openBoxDatabase } from "../db/index.ts";
import { lineKinds, openLineConfigs, withoutSecretsOf, withSecretsHidden } from "../lines/index.ts";
import { programs } from "../programs.ts";
import { type CommandIo, UsageError, writeLine } from "./command.ts";
import { stateTold, tellOfComing } from "./line-told.ts";
import { silentCarrier } from "./silent-carrier.ts";

const USAGE = "usage: sitebox line record --config <box's config> [--seconds <n>] [--sound] <line> <file>";
const STOP_FIRST =
  "A device has one user: switch the line off on the desk or stop the box to record it here; what the box itself says to it is on the desk (“Download traffic”, GET /api/lines/<name>/transcript)";

/**
 * Opens one line of a box that does not run, and writes down what goes between its driver and its device until the time is over or the process
 * is told to end; what happens to the line is written as JSON lines. Calls that come ring on, texts stay in the device. The transcript holds
 * numbers, texts and with `--sound` voices, so that only its owner may read it. @returns 0 when the line was up at some time, else 1 with why it was
 * not on stderr; a transcript that nothing is in is removed then @throws UsageError, ConfigError
 */
export async function runLineRecord(args: readonly string[], { stdout, stderr }: CommandIo): Promise<number> {
  const { configFile, seconds, sound, name, file } = optionsOf(args);
  const box = await readConfigFile(configFile, BoxConfig);
  const config = await lineOf(box, configFile, name);
  await using transcript = await open(file, "wx", 0o600).catch((cause: Error) => {
    throw new UsageError(`${file} cannot be written: ${cause.message}`, { cause });
  });
  let written = Promise.resolve();
  const head = { kind: config.kind, line: name, config: withSecretsHidden(config) };
  const writer = new TranscriptWriter(head, systemClock, (line) => {
    written = written.then(() => transcript.appendFile(line));
  });
  const write = withoutSecretsOf(config, writer.take);
  let recorded = 0;
  let watched: Watched;
  let over = false;
  const onTraffic = (traffic: Traffic) => {
    // A replay does not know when the recording was ended, so what the driver says to its device then is no part of it.
    if (over || (!sound && traffic.port === "audio")) return;
    recorded += 1;
    write(traffic);
  };
  {
    const deps = { clock: systemClock, log: silentLog };
    await using usb = await openUsb({ ...deps, ...box.lines.usb });
    const openLine = lineKinds({ sip: silentCarrier, usb, cardHelper: programs.cardHelper, gatewayMemory: forgetfulMemory() });
    await using line = await openLine(config, { ...deps, onTraffic });
    watched = await watch(line, seconds, (fact) => writeLine(stdout, JSON.stringify(fact)));
    over = true;
  }
  await written;
  if (watched.wasUp) return 0;
  const { state, fault = "", reason = "" } = watched.last;
  const why = `${name} was not up at any time: ${[state, fault, reason].filter((word) => word !== "").join(" / ")}`;
  const kept = recorded > 0 ? `${file} has what was tried` : `nothing went between driver and device, so there is no ${file}`;
  if (recorded === 0) await rm(file);
  await writeLine(stderr, `${why}; ${kept}. ${STOP_FIRST}`);
  return 1;
}

/** What became of a line that was watched. */
interface Watched {
  readonly wasUp: boolean;
  readonly last: LineState;
}

/** A gateway's calls are not looked at here, so that it is up where one of its ports is. */
const isUp = ({ state, ports = [] }: LineState) => state === "up" || ports.some((port) => port.state !== "down");

/** Tells what happens to the line until the time is over or the process is told to end. */
async function watch(line: Line, seconds: number, tell: (fact: object) => Promise<void>): Promise<Watched> {
  const over = Promise.withResolvers<void>();
  using _timer = systemClock.after(seconds * 1_000, () => over.resolve());
  const stop = () => over.resolve();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  let wasUp = false;
  const told = (state: LineState) => {
    wasUp ||= isUp(state);
    void tell(stateTold(state));
  };
  using _states = line.onChanged(told);
  told(line.state);
  tellOfComing(line, (fact) => void tell(fact));
  await over.promise;
  process.off("SIGINT", stop).off("SIGTERM", stop);
  return { wasUp, last: line.state };
}

/** A line of the file, or one that was added on a page. */
async function lineOf(box: BoxConfig, file: string, name: string): Promise<LineConfig> {
  const ofFile = box.lines.list.find((line) => line.name === name);
  const found = ofFile ?? (await ofPage(box, name));
  if (!found) throw new ConfigError(`${file} and the box's pages have no line called ${name}`);
  if (found.kind === "sip")
    throw new ConfigError(`${name} is a carrier: its signalling is kept with each call (GET /api/calls/:id/why.pcap)`);
  return found;
}

async function ofPage(config: BoxConfig, name: string): Promise<LineConfig | undefined> {
  const dataDir = resolve(config.dataDir);
  if (!(await stat(databaseFile(dataDir)).catch(() => undefined))) return undefined;
  const deps = { clock: systemClock, log: silentLog };
  await using db = await openBoxDatabase(dataDir);
  return (await openLineConfigs({ ...deps, db, config })).find(name)?.config;
}

function optionsOf(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        config: { type: "string" },
        seconds: { type: "string", default: "3600" },
        sound: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [name, file, ...more] = positionals;
    const seconds = Number(values.seconds);
    if (values.config === undefined || name === undefined || file === undefined || more.length > 0 || !(seconds > 0))
      throw new UsageError(USAGE);
    return { configFile: values.config, seconds, sound: values.sound, name, file: join(file) };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`${cause instanceof Error ? cause.message : String(cause)}\n${USAGE}`, { cause });
  }
}
