import type { CallMoment, CallWithMoments } from "@sitebox/core/contract";
import type { ApiClient } from "./api-client.ts";
import { humanVoice } from "./human-voice.ts";
import type { Baresip, Mouth } from "./peers/index.ts";

/** What the caller says when the assistant has said a prompt; the first line that fits and was not used answers. */
export interface Line {
  readonly after: string;
  readonly say: string;
}

/** A telephone whose sound file ends hangs up: each ends with this much silence. */
const PATIENCE_SECONDS = 120;

const promptOf = ({ type, data }: CallMoment) => (type === "said" ? String(data?.prompt) : "");

/** The call that `begin` makes. */
export async function nextCall(desk: ApiClient, begin: () => Promise<void>): Promise<string> {
  type Calls = { id: string }[];
  const before = new Set(((await desk.get("/api/calls")) as Calls).map(({ id }) => id));
  await begin();
  const calls = await desk.until<Calls>("/api/calls", (now) => now.some(({ id }) => !before.has(id)));
  const call = calls.find(({ id }) => !before.has(id));
  if (!call) throw new Error("there is no call");
  return call.id;
}

/** Waits for what the assistant says and answers in a human voice. Ends with the last line said. */
export async function converse(desk: ApiClient, callId: string, guest: Mouth, lines: readonly Line[]): Promise<void> {
  const voices = new Map(
    await Promise.all(lines.map(async ({ say }) => [say, await humanVoice(say, 8_000, PATIENCE_SECONDS)] as const)),
  );
  let seen = 0;
  for (const { after, say } of lines) {
    const call = await desk.until<CallWithMoments>(`/api/calls/${callId}`, ({ moments, state }) => {
      if (state === "ended")
        throw new Error(`the call ended before "${after}" was said: ${JSON.stringify(moments, undefined, 1)}`);
      return moments.slice(seen).some((moment) => promptOf(moment) === after);
    });
    seen = call.moments.length;
    await guest.say(voices.get(say) ?? "");
  }
}

/** What the timeline of a call says it said, in order. */
export const prompts = ({ moments }: CallWithMoments): string[] => moments.map(promptOf).filter((prompt) => prompt !== "");

/** The prompt that was said to its end and has not been answered yet. */
function openPrompt(moments: readonly CallMoment[]): string {
  const since = moments.slice(moments.findLastIndex(({ type }) => type === "digits") + 1);
  return promptOf(
    since.findLast((moment) => promptOf(moment) !== "" && moment.data?.stopped === false) ?? { atMs: 0, type: "media", text: "" },
  );
}

/** Answers every question by keys, until the call ends. */
export async function pressThrough(
  desk: ApiClient,
  callId: string,
  guest: Baresip,
  keys: Readonly<Record<string, string>>,
): Promise<void> {
  for (let pressed = 1; ; pressed++) {
    const call = await desk.until<CallWithMoments>(
      `/api/calls/${callId}`,
      ({ state, moments }) => state === "ended" || keys[openPrompt(moments)] !== undefined,
    );
    if (call.state === "ended") return;
    await guest.press(keys[openPrompt(call.moments)] ?? "");
    await desk.until<CallWithMoments>(
      `/api/calls/${callId}`,
      ({ state, moments }) => state === "ended" || moments.filter(({ type }) => type === "digits").length >= pressed,
    );
  }
}
