import type { CallsConfig, Destination } from "@sitebox/core/contract";
import { ConfigError } from "@sitebox/core/kernel";
import { isRealDate, minuteOf } from "./calendar/index.ts";
import { readDestinations } from "./destinations.ts";
import { type Numbers, readNumbers } from "./numbers.ts";
import { patternTest } from "./pattern.ts";
import type { PlanConfig } from "./plan.ts";

/** Where in the configuration, and what is wrong there. */
type Tell = (path: string, message: string, clash?: string) => void;

/** What is wrong with the dial plan, and where in the configuration. */
export interface PlanIssue {
  readonly path: string;
  readonly message: string;
  /** The number that stands for two things. */
  readonly clash?: string;
}

/** What there is beside the SIP side. */
export interface BesideSip {
  /** Lines to the outside, by name. */
  readonly lines?: readonly string[] | undefined;
  /** Telephones that are plugged into cards now, by their numbers: people add and remove them. */
  extensions?(): readonly string[];
}

export const extensionsOf = ({ sip }: Pick<PlanConfig, "sip">, beside: BesideSip): readonly string[] => [
  ...sip.extensions.map(({ number }) => number),
  ...(beside.extensions?.() ?? []),
];

interface Checked extends PlanConfig {
  readonly extensions: readonly string[];
  readonly lines: readonly string[];
}

const MOST_SLOTS = 100;
const slotsOf = ({ codes: { parkSlots } }: CallsConfig) => parkSlots.last - parkSlots.first + 1;

/** Checks what a schema cannot: that names name something, that no two things have one number, that no call goes round in circles. Answers all that is wrong. */
export function planIssues(config: PlanConfig, beside: BesideSip = {}): readonly PlanIssue[] {
  const wrong: PlanIssue[] = [];
  const tell: Tell = (path, message, clash) => void wrong.push({ path, message, ...(clash !== undefined && { clash }) });
  const checked: Checked = {
    ...config,
    extensions: extensionsOf(config, beside),
    lines: [...config.sip.trunks.map(({ name }) => name), ...(beside.lines ?? [])],
  };
  checkTimes(checked, tell);
  checkNames(checked, tell);
  checkClashes(checked, tell);
  // What numbers stand for can only be read when their patterns and slots can.
  if (checkPatterns(config.calls, tell) && slotsOf(config.calls) <= MOST_SLOTS) checkNumbers(checked, tell);
  return wrong;
}

/** @throws ConfigError with all that {@link planIssues} finds */
export function checkCalls(config: PlanConfig, beside: BesideSip = {}): void {
  const wrong = planIssues(config, beside);
  const count = wrong.length === 1 ? "an error" : `${wrong.length} errors`;
  if (wrong.length > 0)
    throw new ConfigError(
      `the dial plan has ${count}; correct it and start again:\n${wrong.map(({ path, message }) => `  ${path}: ${message}`).join("\n")}`,
    );
}

function checkPatterns(calls: CallsConfig, tell: Tell): boolean {
  const patterns = [
    ...calls.incoming.flatMap(({ dialled, caller }, i) => [
      [`calls.incoming[${i}].dialled`, dialled] as const,
      [`calls.incoming[${i}].caller`, caller] as const,
    ]),
    ...calls.outgoing.map(({ dialled }, i) => [`calls.outgoing[${i}].dialled`, dialled] as const),
    ...calls.blacklist.map((pattern, i) => [`calls.blacklist[${i}]`, pattern] as const),
    ...calls.whitelist.map((pattern, i) => [`calls.whitelist[${i}]`, pattern] as const),
  ];
  const bad = patterns.filter(([, pattern]) => pattern !== undefined && !isPattern(pattern));
  for (const [path, pattern] of bad) tell(path, `“${pattern}” is not a regular expression`);
  return bad.length === 0;
}

function isPattern(pattern: string): boolean {
  try {
    patternTest(pattern);
    return true;
  } catch {
    return false;
  }
}

function checkTimes({ calls, site }: Checked, tell: Tell): void {
  if (!isTimeZone(site.timeZone)) tell("site.timeZone", `“${site.timeZone}” is not a time zone`);
  const MIDNIGHT = 1_440;
  for (const [i, { hours }] of calls.schedules.entries())
    for (const [j, { from, to }] of hours.entries()) {
      const path = `calls.schedules[${i}].hours[${j}]`;
      if (minuteOf(from) >= MIDNIGHT) tell(`${path}.from`, "a day's hours begin before 24:00");
      if (minuteOf(to) > MIDNIGHT) tell(`${path}.to`, "a day ends at 24:00");
      if (from === to) tell(path, 'it begins when it ends; a whole day is "00:00" to "24:00"');
    }
  for (const [i, { date }] of calls.calendar.entries()) {
    if (!isRealDate(date)) tell(`calls.calendar[${i}].date`, `there is no ${date}`);
    if (calls.calendar.findIndex((day) => day.date === date) < i) tell(`calls.calendar[${i}].date`, `${date} stands here twice`);
  }
}

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/** Names that are to name something: lines, schedules, routes, extensions. */
function checkNames({ calls, lines, extensions }: Checked, tell: Tell): void {
  const known = (path: string, names: readonly string[] | undefined, among: readonly string[], thing: string) => {
    for (const name of names ?? [])
      if (!among.includes(name))
        tell(path, `there is no ${thing} “${name}”${among.length > 0 ? `; there are ${among.join(", ")}` : ""}`);
  };
  const schedules = calls.schedules.map(({ name }) => name);
  const routes = calls.outgoing.map(({ name }) => name);
  for (const [i, { lines: by, during, outside }] of calls.incoming.entries()) {
    known(`calls.incoming[${i}].lines`, by, lines, "line");
    known(`calls.incoming[${i}].during`, during === undefined ? [] : [during], schedules, "schedule");
    known(`calls.incoming[${i}].outside`, outside === undefined ? [] : [outside], schedules, "schedule");
  }
  for (const [i, { lines: by }] of calls.outgoing.entries()) known(`calls.outgoing[${i}].lines`, by, lines, "line");
  for (const [number, { mayDial }] of Object.entries(calls.extensions)) {
    if (!extensions.includes(number)) tell(`calls.extensions.${number}`, "there is no such extension");
    known(`calls.extensions.${number}.mayDial`, mayDial, routes, "outgoing route");
  }
  const twice = (path: string, names: readonly string[]) => {
    for (const [i, name] of names.entries()) if (names.indexOf(name) < i) tell(`${path}[${i}].name`, `“${name}” is there twice`);
  };
  twice("calls.schedules", schedules);
  twice("calls.outgoing", routes);
}

/** One number, one thing. */
function checkClashes({ calls, sip, extensions }: Checked, tell: Tell): void {
  const { codes, groups } = calls;
  const taken = new Map<string, string>();
  const take = (number: string, path: string) => {
    const before = taken.get(number);
    if (before === undefined) taken.set(number, path);
    else if (before !== path) tell(path, `${number} is taken already by ${before}`, number);
  };
  for (const [i, number] of calls.emergencyNumbers.entries()) take(number, `calls.emergencyNumbers[${i}]`);
  for (const [i, number] of sip.serviceNumbers.entries()) take(number, `sip.serviceNumbers[${i}]`);
  for (const [i, number] of extensions.entries())
    take(number, i < sip.extensions.length ? `sip.extensions[${i}].number` : `the telephone ${number} of a card`);
  for (const [i, { number, pagingNumber }] of groups.entries()) {
    take(number, `calls.groups[${i}].number`);
    if (pagingNumber !== undefined) take(pagingNumber, `calls.groups[${i}].pagingNumber`);
  }
  const { parkSlots, ...single } = codes;
  for (const [name, code] of Object.entries(single)) take(code, `calls.codes.${name}`);
  if (parkSlots.last < parkSlots.first) tell("calls.codes.parkSlots", "the last slot comes before the first");
  if (slotsOf(calls) > MOST_SLOTS) tell("calls.codes.parkSlots", `more than ${MOST_SLOTS} slots`);
  else for (let slot = parkSlots.first; slot <= parkSlots.last; slot++) take(String(slot), "calls.codes.parkSlots");
  // "*8" with a number behind it is a pick-up there, so nothing else can begin with it.
  for (const [number, path] of taken)
    if (codes.pickup !== "" && number !== codes.pickup && number.startsWith(codes.pickup))
      tell(path, `${number} begins with the pick-up code ${codes.pickup}`, number);
}

/** Numbers that are to be dialled: members, destinations, follow-me. */
function checkNumbers({ calls, sip, site, extensions }: Checked, tell: Tell): void {
  const { serviceNumbers } = sip;
  const numbers = readNumbers({ calls, serviceNumbers, extensions: () => extensions, roomExtensions: site.roomExtensions });
  for (const [i, group] of calls.groups.entries()) {
    for (const [j, member] of group.members.entries()) {
      const path = `calls.groups[${i}].members[${j}]`;
      const { type } = numbers.meaningOf(member);
      if (type === "group") tell(path, `${member} is a group; name its members`);
      else if (type !== "extension" && type !== "outside") tell(path, `${member} is no extension and no route goes there`);
    }
    if (group.pagingNumber !== undefined && !group.members.some((member) => extensions.includes(member)))
      tell(`calls.groups[${i}].pagingNumber`, "no member of the group is an extension, so nobody could be spoken to");
    checkDestination(`calls.groups[${i}].otherwise`, group.otherwise, { numbers, extensions, tell });
  }
  for (const [number, settings] of Object.entries(calls.extensions)) {
    const path = `calls.extensions.${number}`;
    for (const [i, to] of settings.followMe.entries()) {
      const { type } = numbers.meaningOf(to);
      if (to === number) tell(`${path}.followMe[${i}]`, "an extension cannot follow itself");
      else if (type !== "extension" && type !== "outside")
        tell(`${path}.followMe[${i}]`, `${to} is no extension and no route goes there`);
    }
    checkDestination(`${path}.whenBusy`, settings.whenBusy, { numbers, extensions, tell });
    checkDestination(`${path}.whenUnanswered`, settings.whenUnanswered, { numbers, extensions, tell });
  }
  for (const [i, { to }] of calls.incoming.entries())
    checkDestination(`calls.incoming[${i}].to`, to, { numbers, extensions, tell });
  for (const circle of readDestinations(calls, extensions, numbers).circles)
    tell("calls", `calls that nobody takes would go round in a circle: ${circle.join(" → ")}`);
}

function checkDestination(
  path: string,
  to: Destination | undefined,
  { numbers, extensions, tell }: { readonly numbers: Numbers; readonly extensions: readonly string[]; readonly tell: Tell },
): void {
  if (to?.type === "message" && to.mailbox !== undefined && !extensions.includes(to.mailbox))
    tell(`${path}.mailbox`, `${to.mailbox} is no extension, so it has no mailbox`);
  if (to?.type !== "number") return;
  const { type } = numbers.meaningOf(to.number);
  const rings = type === "service" || type === "extension" || type === "group" || type === "paging" || type === "outside";
  if (!rings) tell(`${path}.number`, `${to.number} is nothing that a call could be passed on to`);
}
