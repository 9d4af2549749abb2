import { EventEmitter } from "node:events";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type NewAccount, type OneTimePassword, openAccounts, type ScryptCost } from "@sitebox/core/accounts";
import type { Claim, HeadquartersConfig, Ticket } from "@sitebox/core/contract";
import { type Clock, type Log, openLog, systemClock } from "@sitebox/core/kernel";
import { openCertificateAuthority } from "@sitebox/provisioning";
import { type BrokerCounters, namesOf, openBroker } from "./broker/index.ts";
import { GroupCommit, type HeadquartersDatabase, openHeadquartersDatabase } from "./db/index.ts";
import { Claims, openEnrolment } from "./enrolment/index.ts";
import { Fleet } from "./fleet/index.ts";
import { Live, openHttp } from "./http/index.ts";
import { type Applied, Applier, Inbox } from "./inbox/index.ts";

/** Facts that others may show or count, each after its commit. */
export interface HeadquartersEvents {
  ticketChanged: [box: string, ticket: Ticket];
  boxChanged: [box: string];
  claimAsked: [claim: Claim];
}

/** What tests replace. */
export interface HeadquartersParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly db: HeadquartersDatabase;
  /** How long a gap in a stream may wait before it is asked for again. */
  readonly reorderMs: number;
  /** How long a box that waits for its claim is told to wait. */
  readonly claimRetryMs: number;
  readonly connections: { readonly burst: number; readonly perSecond: number };
  readonly passwordCost: ScryptCost;
  /** The built pages. */
  readonly pagesDir: string;
}

export interface Headquarters extends AsyncDisposable {
  /** The console. */
  readonly url: string;
  /** Where boxes enrol. */
  readonly enrolUrl: string;
  readonly mqttPort: number;
  /** What boxes pin. */
  readonly caFingerprint: string;
  readonly caCertificate: string;
  /** One-time passwords and what else a person must know after the first start. */
  readonly notes: readonly string[];
  /** One-time passwords of accounts that are new. */
  readonly accounts: readonly OneTimePassword[];
  readonly events: EventEmitter<HeadquartersEvents>;
  readonly counters: BrokerCounters;
  readonly fleet: Fleet;
  readonly claims: Claims;
}

/** Issued anew at each start; longer than any process lives. */
const serverCertificateDays = 800;
const firstAccounts: readonly NewAccount[] = [
  { name: "admin", displayName: "管理员", role: "admin" },
  { name: "operator", displayName: "值班员", role: "operator" },
];

/** Composition root: the only place that names concrete classes. */
export async function openHeadquarters(
  config: HeadquartersConfig,
  overrides: Partial<HeadquartersParts> = {},
): Promise<Headquarters> {
  await using building = new AsyncDisposableStack();
  const clock = overrides.clock ?? systemClock;
  const log = overrides.log ?? openLog({ level: config.logLevel });
  const software = await version();
  const events = new EventEmitter<HeadquartersEvents>();
  const tenant = config.tenant;

  const authority = await openCertificateAuthority(join(config.dataDir, "ca"), { clock, name: config.name });
  await copyFile(join(config.dataDir, "ca", "ca.crt"), join(config.dataDir, "ca.crt"));
  const { key, certificate } = await authority.issueServer({ hostNames: config.hostNames, days: serverCertificateDays });
  const tls = { key, cert: certificate + authority.certificate, ca: authority.certificate };

  const db = building.use(overrides.db ?? (await openHeadquartersDatabase(config.dataDir)));
  const commits = new GroupCommit(db);
  building.defer(() => commits.idle());
  const accounts = openAccounts({ db, clock, log, ...(overrides.passwordCost && { cost: overrides.passwordCost }) });
  const passwords = await accounts.ensureFirst(firstAccounts);

  const fleet = new Fleet({ db, commits, clock, log, onChanged: (box) => events.emit("boxChanged", box) });
  await fleet.startOffline();
  const onApplied = (applied: Applied) => {
    if (applied.type === "ticket") events.emit("ticketChanged", applied.box, applied.ticket);
    else events.emit("boxChanged", applied.box);
  };
  const applier = building.use(new Applier({ db, clock, log, onApplied }));
  const inbox = building.use(
    new Inbox({
      commits,
      clock,
      log,
      tell: (box, control) => broker.tell(box, control),
      onCommitted: () => applier.wake(),
      ...(overrides.reorderMs !== undefined && { reorderMs: overrides.reorderMs }),
    }),
  );
  applier.start();

  const broker = building.use(
    await openBroker({
      ...config.mqtt,
      tenant,
      tls,
      clock,
      log,
      ...(overrides.connections && { connections: overrides.connections }),
      ingress: {
        refused: (peer) => fleet.refused(peer),
        batch: (batch) => inbox.receive(batch),
        hello: (hello) => inbox.hello(hello),
        status: (box, status) => fleet.status(box, status),
        malformed: (letter) => inbox.bury(letter),
      },
    }),
  );
  const claims = new Claims({
    db,
    commits,
    authority,
    tenant,
    certificateDays: config.certificateDays,
    acceptCodes: config.acceptClaimCodes,
    acceptLoopback: config.autoAcceptLoopbackClaims,
    clock,
    log,
    onAsked: (claim) => events.emit("claimAsked", claim),
    onAccepted: ({ box, replaced }) => {
      if (replaced) broker.disconnect(box);
      events.emit("boxChanged", box);
    },
  });
  const enrolment = building.use(
    await openEnrolment({
      ...config.enrol,
      tls,
      tenant,
      hostNames: config.hostNames,
      mqttPort: broker.port,
      claims,
      namesOf,
      clock,
      log,
      ...(overrides.claimRetryMs !== undefined && { retryAfterMs: overrides.claimRetryMs }),
    }),
  );

  const http = building.use(
    await openHttp({
      ...config.http,
      accounts,
      fleet,
      claims,
      software,
      pages: {
        dir: overrides.pagesDir ?? join(import.meta.dirname, "../../ui/dist"),
        entries: ["console"],
        home: "console",
      },
      clock,
      log,
    }),
  );
  const live = building.use(new Live({ fleet, clock, log, push: http.push }));
  events.on("boxChanged", (box) => live.boxChanged(box));
  events.on("ticketChanged", (box, ticket) => live.ticketChanged(box, ticket));
  events.on("claimAsked", (claim) => live.claimAsked(claim));

  const enrolUrl = `https://${config.hostNames[0] ?? "localhost"}:${enrolment.port}`;
  if (config.autoAcceptLoopbackClaims)
    log.warn("boxes on this machine are accepted without a person: for a demonstration only", {
      setting: "autoAcceptLoopbackClaims",
    });
  log.info("headquarters is ready", { url: http.url, enrolUrl, mqttPort: broker.port, caFingerprint: authority.fingerprint });
  const owned = building.move();
  return {
    url: http.url,
    enrolUrl,
    mqttPort: broker.port,
    caFingerprint: authority.fingerprint,
    caCertificate: authority.certificate,
    notes: passwords.map(
      ({ name, password }) =>
        `总部登录 Headquarters login: ${name} / ${password}  (一次性密码，首次登录须修改 change it at first login)`,
    ),
    accounts: passwords,
    events,
    counters: broker.counters,
    fleet,
    claims,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function version(): Promise<string> {
  const text = await readFile(join(import.meta.dirname, "../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
