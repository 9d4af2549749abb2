import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BoxConfig, LineConfig, type LineConfigInput } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { type BoxDatabase, openBoxDatabase } from "../../db/index.ts";
import { type LineConfigs, type LineConfigsDeps, openLineConfigs } from "../line-configs.ts";
import { LineRegistry } from "../line-registry.ts";
import { openLineUses } from "../line-uses.ts";
import type { OpenLine } from "../managed-line.ts";
import { FakeKind } from "./fake-line.ts";

/** A modem as it is configured; `change` is put over it. */
export const modem = (name: string, change: object = {}): LineConfig & { kind: "gsm" } => {
  const serial = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const config = LineConfig.parse({
    kind: "gsm",
    name,
    sim: { number: `138000${String(serial).padStart(5, "0")}`, owner: "示范酒店", purpose: "报修" },
    usbPath: `1-${serial}`,
    ...change,
  } as LineConfigInput);
  if (config.kind !== "gsm") throw new Error("not a modem");
  return config;
};

/** A Monday at noon in Beijing. */
export const NOON = Date.parse("2026-03-02T12:00:00+08:00");

export interface LinesSite extends AsyncDisposable {
  readonly registry: LineRegistry;
  readonly configs: LineConfigs;
  readonly kind: FakeKind;
  readonly clock: VirtualClock;
  readonly dataDir: string;
  readonly db: BoxDatabase;
}

/** A registry over fakes and a real database; `dataDir` of another one is a restart. */
export async function openLinesSite(
  options: {
    readonly list?: readonly object[];
    readonly trunks?: readonly object[];
    readonly extensions?: readonly object[];
    /** Of a site before; removed with this one. */
    readonly dataDir?: string;
    /** The data stay for a restart. */
    readonly keep?: boolean;
    readonly at?: number;
    /** Opens lines instead of the fakes. */
    readonly open?: OpenLine;
    readonly planIssues?: LineConfigsDeps["planIssues"];
  } = {},
): Promise<LinesSite> {
  await using opening = new AsyncDisposableStack();
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "sitebox-lines-")));
  if (!options.keep) opening.defer(() => rm(dataDir, { recursive: true }));
  const clock = new VirtualClock(options.at ?? NOON);
  const deps = { db: opening.use(await openBoxDatabase(dataDir)), clock, log: silentLog };
  const config = {
    sip: BoxConfig.shape.sip.parse({ trunks: options.trunks ?? [], extensions: options.extensions ?? [] } as object),
    lines: BoxConfig.shape.lines.parse({ list: options.list ?? [] } as object),
  };
  const configs = await openLineConfigs({ ...deps, config, ...(options.planIssues && { planIssues: options.planIssues }) });
  const uses = opening.use(await openLineUses({ ...deps, timeZone: "Asia/Shanghai" }));
  const kind = new FakeKind();
  const registry = opening.use(
    new LineRegistry({
      ...deps,
      configs,
      uses,
      open: options.open ?? kind.open,
      onText: (_, text) => text.stored(),
      onReport: async () => {},
    }),
  );
  registry.start();
  await clock.advance(0);
  const owned = opening.move();
  return { registry, configs, kind, clock, dataDir, db: deps.db, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
