import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Call, CallsConfig, type Ticket, type TicketDraft, TicketId } from "@sitebox/core/contract";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import type { DialOutcome, Leg } from "@sitebox/drivers/line";
import { openSipEndpoint } from "@sitebox/drivers/sip";
import { expect, test } from "vitest";
import { openBoxDatabase } from "../db/index.ts";
import { openMedia, parseWav } from "../media/index.ts";
import { CallStore } from "./call-store.ts";
import { Calls } from "./calls.ts";
import { HandOffs } from "./hand-off.ts";
import { Mailbox } from "./mailbox/index.ts";
import { miniScript, ScriptedSpeech } from "./testing/index.ts";

async function openWorld() {
  const owned = new AsyncDisposableStack();
  let serving: Promise<void> | undefined;
  owned.defer(() => serving);
  const deps = { clock: systemClock, log: silentLog };
  const dataDir = await mkdtemp(join(tmpdir(), "sitebox-calls-"));
  const db = owned.use(await openBoxDatabase(dataDir));
  const range = { rtpPortRange: { first: 40_000, last: 48_000 } };
  const media = owned.use(await openMedia({ ...deps, ...range }));
  const outside = owned.use(await openMedia({ ...deps, rtpPortRange: { first: 48_002, last: 56_000 } }));
  const listenAt = { listen: { host: "127.0.0.1", port: 0 } };
  const box = owned.use(
    await openSipEndpoint({ ...listenAt, serviceNumbers: ["8000"], extensions: [] }, { ...deps, rtp: media.rtp }),
  );
  const phone = owned.use(await openSipEndpoint({ ...listenAt, allowAnonymous: true }, { ...deps, rtp: outside.rtp }));
  const speech = new ScriptedSpeech();
  const store = new CallStore({ ...deps, db, syncPersonalData: false });
  const drafts: TicketDraft[] = [];
  const friend = `sip:8001@127.0.0.1:${phone.address.udpPort}`;
  const calls = new Calls({
    ...deps,
    media,
    speech,
    store,
    script: miniScript,
    dataDir,
    handOffs: new HandOffs({ clock: systemClock, ringExtensions: [friend], ringMs: 1_500 }),
    plan: {
      decide: () => ({ action: { type: "assistant" }, because: [] }),
      follow: () => ({ action: { type: "assistant" }, because: [] }),
      targetOf: () => undefined,
    },
    dialler: { dial: ({ number }, options) => box.dial(number, options) },
    config: CallsConfig.parse({}),
    mailbox: new Mailbox({ ...deps, db, dataDir }),
    switches: { set: async () => undefined },
    site: { roomExtensions: {} },
    openTicket: async (draft) => {
      drafts.push(draft);
      return { id: TicketId.parse(`t${drafts.length}`), number: "10007" } as Ticket;
    },
  });
  owned.use(calls);
  serving = calls.serve(box);
  const ended = new Promise<Call>((resolve) => store.events.on("callChanged", (call) => call.state === "ended" && resolve(call)));
  const said = (id: string) =>
    new Promise<void>((resolve) => store.events.on("moment", (_, { data }) => data?.prompt === id && resolve()));
  const dial = async (): Promise<Leg> => {
    const outcome: DialOutcome = await phone.dial(`sip:8000@127.0.0.1:${box.address.udpPort}`, {
      signal: AbortSignal.timeout(5_000),
    });
    if (outcome.type !== "answered") throw new Error(outcome.type);
    return outcome.leg;
  };
  return { owned, speech, store, calls, drafts, dataDir, phone, outside, ended, said, dial };
}

test("what is said becomes a ticket, and its number is spoken before the call ends", async () => {
  const { owned, speech, store, drafts, dataDir, ended, said, dial } = await openWorld();
  await using _ = owned;
  const open = said("open");
  await dial();
  await open;
  speech.hear("空调不制冷");
  const call = await ended;
  expect(call).toMatchObject({ outcome: "ticket", ticketIds: ["t1"], hasRecording: true });
  expect(drafts).toMatchObject([{ place: "806", channel: "phone", callId: call.id }]);
  const moments = (await store.find(call.id))?.moments ?? [];
  expect(moments.filter(({ type }) => type === "said" || type === "heard").map(({ text }) => text)).toEqual([
    "notice",
    "open",
    "空调不制冷",
    "number 10007",
  ]);
  const wav = parseWav(await readFile(join(dataDir, "recordings", `${call.id}.wav`)));
  expect(wav.channels).toHaveLength(2);
});

test("when the engine dies the call goes on by keypad, and by voice again once it is back", async () => {
  const { owned, speech, drafts, ended, said, dial } = await openWorld();
  await using _ = owned;
  const [open, keys] = [said("open"), said("keys")];
  const leg = await dial();
  await open;
  speech.die();
  await keys;
  expect(drafts).toEqual([]);
  await leg.hangup("normal");
  expect(await ended).toMatchObject({ outcome: "abandoned" });
});

test("an extension that answers is joined with the caller", async () => {
  const { owned, speech, store, phone, ended, said, dial } = await openWorld();
  await using _ = owned;
  const open = said("open");
  const caller = await dial();
  await open;
  speech.hear("人工");
  let friend: Leg | undefined;
  for await (const leg of phone.incoming) {
    friend = leg;
    break;
  }
  await friend?.answer();
  const joined = new Promise<void>((resolve) =>
    store.events.on("callChanged", ({ state }) => state === "extension" && resolve()),
  );
  await Promise.race([joined, friend?.ended]);
  await caller.hangup("normal");
  await friend?.ended;
  expect(await ended).toMatchObject({ outcome: "extension" });
});

test("where nobody answers a message is recorded and becomes a ticket with the sound", async () => {
  const { owned, speech, drafts, dataDir, outside, ended, said, dial } = await openWorld();
  await using _ = owned;
  const [open, message] = [said("open"), said("leave a message")];
  const caller = await dial();
  await using sound = outside.attach(caller.audio);
  await open;
  speech.hear("人工");
  await message;
  await sound.play(Int16Array.from({ length: 12_000 }, (_, i) => Math.round(8_000 * Math.sin(i / 3))));
  const call = await ended;
  expect(call.outcome).toBe("ticket");
  const wav = parseWav(await readFile(join(dataDir, drafts[0]?.audioFile ?? "")));
  expect(wav.channels[0]?.some((sample) => Math.abs(sample) > 5_000)).toBe(true);
});
