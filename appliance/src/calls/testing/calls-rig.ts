import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CallsConfig, type Ticket, type TicketDraft, TicketId } from "@sitebox/core/contract";
import { type Clock, type Log, silentLog } from "@sitebox/core/kernel";
import type { Media } from "../../media/index.ts";
import { Calls } from "../calls.ts";
import { HandOffs } from "../hand-off.ts";
import type { MailboxMessage, NewMailboxMessage } from "../mailbox/index.ts";
import type { CallPlan } from "../plan/index.ts";
import { openCallPlan } from "../plan/index.ts";
import { planConfig } from "../plan/testing/index.ts";
import { MemoryRecords } from "./memory-records.ts";
import { miniScript } from "./mini-script.ts";
import { ScriptedSpeech } from "./scripted-speech.ts";
import { TestDialler } from "./test-dialler.ts";
import { TestLeg } from "./test-leg.ts";

/** A site's calls over telephones of the test: extensions 8001, 8002, 8003 and 8806, the assistant at 8000, lines to the outside. */
export interface CallsRig {
  readonly calls: Calls<undefined>;
  readonly records: MemoryRecords;
  readonly dialler: TestDialler;
  readonly speech: ScriptedSpeech;
  readonly handOffs: HandOffs;
  readonly drafts: TicketDraft[];
  readonly messages: MailboxMessage[];
  readonly disturbNot: Set<string>;
  readonly dataDir: string;
  /** An extension dials. */
  from(extension: string, dialled: string): TestLeg;
  /** Somebody outside calls in by a line. */
  outside(dialled: string, caller?: string): TestLeg;
  /** A leg comes in another's place. */
  replace(leg: TestLeg, extension: string): TestLeg;
}

/** What the rig's site has beside its extensions. */
export const rigCalls = {
  groups: [{ number: "8100", name: "front desk", members: ["8001", "8002"], pagingNumber: "8190", ringSeconds: 20 }],
  outgoing: [{ name: "all", dialled: "0\\d{3,12}" }],
  extensions: {
    "8003": { whenUnanswered: { type: "message", mailbox: "8003" }, whenBusy: { type: "message", mailbox: "8003" } },
  },
};

export async function openCallsRig(options: {
  readonly clock: Clock;
  readonly media: Media;
  readonly calls?: object;
  readonly plan?: CallPlan;
  /** Absent: nothing is written down. */
  readonly log?: Log;
}): Promise<CallsRig & AsyncDisposable> {
  const { clock, media } = options;
  const settings = { ...rigCalls, ...options.calls };
  const disturbNot = new Set<string>();
  const plan =
    options.plan ??
    openCallPlan(planConfig(settings), {
      clock,
      switches: { of: (number) => ({ doNotDisturb: disturbNot.has(number), followMe: undefined }) },
      lists: { verdictOn: (caller) => (caller === "666" ? { list: "black", rule: "test" } : undefined) },
      language: "en",
    });
  const records = new MemoryRecords(clock);
  const dialler = new TestDialler();
  const speech = new ScriptedSpeech();
  const handOffs = new HandOffs({ clock, ringExtensions: ["8001"], ringMs: 15_000 });
  const drafts: TicketDraft[] = [];
  const messages: MailboxMessage[] = [];
  const dataDir = await mkdtemp(join(tmpdir(), "sitebox-calls-"));
  const calls = new Calls({
    clock,
    log: options.log ?? silentLog,
    media,
    speech,
    store: records,
    script: miniScript,
    handOffs,
    plan,
    dialler,
    config: CallsConfig.parse(settings),
    site: { roomExtensions: {} },
    dataDir,
    mailbox: {
      list: async (extension) => messages.filter((message) => message.extension === extension),
      heard: async () => true,
      remove: async () => true,
      audioPath: ({ audioFile }) => join(dataDir, audioFile),
      add: async (message: NewMailboxMessage) => {
        messages.push({ ...message, id: `m${messages.length + 1}`, leftAt: clock.now() });
      },
    },
    switches: {
      set: async (extension, { doNotDisturb }) => {
        if (doNotDisturb) disturbNot.add(extension);
        else disturbNot.delete(extension);
      },
    },
    openTicket: async (draft) => {
      drafts.push(draft);
      return { id: TicketId.parse(`t${drafts.length}`), number: "10007" } as Ticket;
    },
  });
  const come = (leg: TestLeg) => {
    calls.adopt(leg, "phone");
    return leg;
  };
  return {
    calls,
    records,
    dialler,
    speech,
    handOffs,
    drafts,
    messages,
    disturbNot,
    dataDir,
    from: (extension, dialled) => come(new TestLeg({ remote: extension, dialled })),
    outside: (dialled, caller = "13800138000") => come(new TestLeg({ remote: caller, dialled, line: "carrier" })),
    replace: (replaces, extension) => come(new TestLeg({ remote: extension, dialled: "", replaces })),
    [Symbol.asyncDispose]: () => calls[Symbol.asyncDispose](),
  };
}
