import { beep, busyTone, musicOnHold } from "../../media/index.ts";
import type { OpenCall } from "../open-call.ts";
import { type Party, Wiring } from "../party/index.ts";
import { type RingDeps, Ringing } from "../ring/index.ts";

/** Telephones that answer by themselves do so at once; who has not by then is left alone. */
const ANSWER_MS = 6_000;

/** Speaks to the loudspeakers of several extensions at once: they hear the speaker and nobody hears them. Those who talk are left alone. */
export async function page(deps: RingDeps, call: OpenCall, speaker: Party, members: readonly string[]): Promise<void> {
  const wiring = new Wiring({ log: call.log, hold: musicOnHold });
  const ringings = members.map(
    (number) =>
      new Ringing(deps, {
        call,
        steps: [{ targets: [{ type: "extension", number }], ringMs: ANSWER_MS }],
        callerNumber: speaker.number,
        listeners: [],
        answerAtOnce: true,
      }),
  );
  const hearing = new Set<Party>();
  const hear = () => wiring.apply({ links: [...hearing].map((a) => ({ a, b: speaker, direction: "hear" })), music: [] });
  let announced = false;
  const reaching = ringings.map(async (ringing) => {
    const rung = await ringing.run();
    if (rung.type !== "answered") return;
    const { party } = rung;
    if (speaker.over.aborted) return party.hangup("normal");
    hearing.add(party);
    if (!announced) {
      announced = true;
      call.background(speaker.media.play(beep, { signal: speaker.over }));
    }
    hear();
    await party.leg.ended;
    hearing.delete(party);
    hear();
  });
  const giveUp = () => {
    for (const ringing of ringings) ringing.giveUp();
  };
  speaker.over.addEventListener("abort", giveUp, { once: true });
  if (speaker.over.aborted) giveUp();
  const allGone = Promise.all(reaching).then(async () => {
    if (speaker.over.aborted) return;
    const stop = new AbortController();
    using _timer = deps.clock.after(1_400, () => stop.abort());
    await speaker.media.play(busyTone(), { signal: AbortSignal.any([stop.signal, speaker.over]) });
  });
  await Promise.race([allGone, speaker.leg.ended]);
  await wiring.clear();
  for (const party of hearing) call.background(party.hangup("normal"));
  call.background(allGone);
}
