import type { Clock, Log } from "@sitebox/core/kernel";
import { Channel } from "@sitebox/core/kernel";
import type { Digit } from "@sitebox/drivers/line";
import { readWav } from "../../media/index.ts";
import type { Announcer } from "../announcer.ts";
import type { MailboxMessage } from "../mailbox/index.ts";
import type { OpenCall } from "../open-call.ts";
import type { Party } from "../party/index.ts";

/** Messages of extensions, as much as playing them needs. */
export interface MailboxReader {
  list(extension: string): Promise<readonly MailboxMessage[]>;
  heard(id: string): Promise<unknown>;
  remove(id: string): Promise<unknown>;
  audioPath(message: Pick<MailboxMessage, "audioFile">): string;
}

export interface MailboxPlayerDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly announcer: Announcer;
  readonly mailbox: MailboxReader;
}

/** After a message this long is waited for a key. */
const KEY_MS = 5_000;

/** Plays an extension's messages: 1 again, 3 deletes, any other key the next one. */
export async function playMailbox(deps: MailboxPlayerDeps, call: OpenCall, party: Party, extension: string): Promise<void> {
  const { announcer, mailbox, log } = deps;
  const keys = new Channel<Digit>(10);
  let pressed = new AbortController();
  using _attending = party.attend({
    onKey: (digit) => {
      keys.push(digit);
      pressed.abort();
    },
    onEnded: () => keys.close(),
  });
  const iterator = keys[Symbol.asyncIterator]();
  const say = (id: string, params?: Record<string, string>) =>
    announcer.say([party], { id, ...(params && { params }) }, call.timeline, pressed.signal);
  const nextKey = async (): Promise<Digit | undefined> => {
    const timeout = Promise.withResolvers<undefined>();
    using _timer = deps.clock.after(KEY_MS, () => timeout.resolve(undefined));
    if (!pressed.signal.aborted) await Promise.race([timeout.promise, party.leg.ended, aborted(pressed.signal)]);
    if (!pressed.signal.aborted || party.over.aborted) return undefined;
    pressed = new AbortController();
    return (await iterator.next()).value ?? undefined;
  };

  const messages = await mailbox.list(extension);
  if (messages.length === 0) {
    await say("mailbox-empty");
    return;
  }
  await say("mailbox-count", { count: String(messages.length) });
  for (const message of messages) {
    for (let again = true; again && !party.over.aborted; ) {
      again = false;
      const [sound] = await readWav(mailbox.audioPath(message)).then(
        (wav) => wav.channels,
        (err: unknown) => {
          log.error("a message's sound cannot be read", { err });
          return [];
        },
      );
      if (sound) await party.media.play(sound, { signal: AbortSignal.any([pressed.signal, party.over]) });
      if (party.over.aborted) return;
      await mailbox.heard(message.id);
      await say("mailbox-keys");
      const key = await nextKey();
      again = key === "1";
      if (key === "3") {
        await mailbox.remove(message.id);
        await say("mailbox-removed");
      }
    }
    if (party.over.aborted) return;
  }
  await say("mailbox-end");
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
