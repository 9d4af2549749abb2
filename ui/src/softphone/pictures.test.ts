import { CallId } from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import { openLaying } from "./laying.ts";
import { MicrophoneError } from "./microphone.ts";
import { openPictureState } from "./pictures.ts";
import type { Voice } from "./voice.ts";

class Camera {
  on = true;
  getTracks() {
    return [
      {
        stop: () => {
          this.on = false;
        },
      },
    ];
  }
}
const push = (may: boolean, theirs: boolean) => ({ type: "video" as const, callId: CallId.parse("c1"), may, theirs });

function open(ask: () => Promise<MediaStream> = async () => new Camera() as unknown as MediaStream) {
  const told: string[] = [];
  const stream = new Camera() as unknown as MediaStream;
  const voice: Voice = {
    mute: () => {},
    show: async () => void told.push("show"),
    hide: async () => void told.push("hide"),
    watch: async () => {
      told.push("watch");
      return stream;
    },
    close: () => {},
  };
  return { told, stream, pictures: openPictureState(() => voice, ask) };
}
const settled = () => new Promise<void>((resolve) => setTimeout(resolve));

describe("pictures beside a call", () => {
  it("are turned on and off by their owner", async () => {
    const { told, pictures } = open();
    pictures.told(push(true, false));
    await pictures.toggle();
    const mine = pictures.state.value.mine as unknown as Camera;
    expect(mine.on).toBe(true);
    await pictures.toggle();
    expect([mine.on, pictures.state.value.mine, told]).toEqual([false, undefined, ["show", "hide"]]);
  });

  it("show the other side while it shows itself, and again when the sound was laid anew", async () => {
    const { told, stream, pictures } = open();
    pictures.told(push(true, true));
    await settled();
    expect(pictures.state.value.theirs).toBe(stream);
    pictures.laid();
    await settled();
    expect([told, pictures.state.value.theirs]).toEqual([["watch", "watch"], stream]);
    pictures.told(push(true, false));
    expect(pictures.state.value).toMatchObject({ may: true, theirs: undefined });
  });

  it("turn the camera off where nobody may look any more", async () => {
    const { pictures } = open();
    pictures.told(push(true, false));
    await pictures.toggle();
    const mine = pictures.state.value.mine as unknown as Camera;
    pictures.told(push(false, false));
    expect([mine.on, pictures.state.value]).toEqual([false, { may: false, mine: undefined, theirs: undefined }]);
  });

  it("are left out, with the reason, where there is no camera: the call goes on", async () => {
    const { pictures } = open(() => Promise.reject(new MicrophoneError("denied")));
    pictures.told(push(true, false));
    await pictures.toggle();
    expect(pictures.state.value).toMatchObject({ may: true, mine: undefined, fault: "denied" });
    pictures.reset();
    expect(pictures.state.value.fault).toBeUndefined();
  });
});

describe("laying a call's sound anew", () => {
  it("tries one at a time, and again after a failure until it stands", async () => {
    const outcomes = [false, new Error("no way"), true];
    const waiting: (() => void)[] = [];
    let attempts = 0;
    const lay = openLaying(
      async () => {
        const outcome = outcomes[attempts++];
        if (outcome instanceof Error) throw outcome;
        return outcome ?? true;
      },
      (_, task) => void waiting.push(task),
    );
    await Promise.all([lay(), lay()]);
    expect([attempts, waiting.length]).toEqual([1, 1]);
    waiting.shift()?.();
    await settled();
    waiting.shift()?.();
    await settled();
    expect([attempts, waiting.length]).toEqual([3, 0]);
  });
});
