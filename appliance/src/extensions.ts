import type { BoxConfig, BoxPush, ExtensionState } from "@sitebox/core/contract";
import type { Clock } from "@sitebox/core/kernel";
import type { SipEndpoint } from "@sitebox/drivers/sip";
import type { Switches } from "./calls/plan/index.ts";

/** Phones come and go without telling the pages: they are looked at this often. */
const LOOK_EVERY_MS = 2_000;

/** The telephones of the configuration, which log in by SIP. */
export function extensionStates(
  { sip: { extensions } }: Pick<BoxConfig, "sip">,
  sip: Pick<SipEndpoint, "registrations">,
  switches: Switches,
): ExtensionState[] {
  const registrations = sip.registrations();
  return extensions.map(({ number, displayName }) => {
    const contacts = registrations
      .filter((one) => one.number === number)
      .map(({ userAgent, source }) => `${userAgent ?? "?"} (${source.host})`);
    const { doNotDisturb, followMe } = switches.of(number);
    return {
      number,
      displayName: displayName ?? number,
      registered: contacts.length > 0,
      contacts,
      doNotDisturb,
      ...(followMe && { followMe: [...followMe] }),
    };
  });
}

/** Tells the pages of each extension that changes, is new or is no more, until the signal aborts. They ask for those of the beginning themselves. */
export async function watchExtensions(
  extensions: () => readonly ExtensionState[],
  push: (push: BoxPush) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  let known = textOf(extensions());
  for (;;) {
    await clock.sleep(LOOK_EVERY_MS, signal);
    const now = extensions();
    for (const extension of now)
      if (known.get(extension.number) !== JSON.stringify(extension)) push({ type: "extension", extension });
    const before = known;
    known = textOf(now);
    for (const number of before.keys()) if (!known.has(number)) push({ type: "extension-removed", number });
  }
}

const textOf = (extensions: readonly ExtensionState[]): ReadonlyMap<string, string> =>
  new Map(extensions.map((extension) => [extension.number, JSON.stringify(extension)]));
