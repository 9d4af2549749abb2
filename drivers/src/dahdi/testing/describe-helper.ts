import { silentLog, systemClock } from "@sitebox/core/kernel";
import { describe, expect, test } from "vitest";
import type { ByteStream } from "../../line/index.ts";
import { HelperLink } from "../link/index.ts";
import { encodeAudio, encodeControl, FrameReader } from "../protocol/index.ts";

/** A helper that nobody has connected to yet. */
export interface HelperRig extends AsyncDisposable {
  connect(): Promise<ByteStream>;
}

/** The words of the next `count` control frames, with their channels. */
async function hear(stream: ByteStream, count: number): Promise<readonly string[]> {
  const reader = new FrameReader();
  const heard: string[] = [];
  for await (const chunk of stream.chunks) {
    for (const frame of reader.read(chunk)) if (frame.type === "control") heard.push([frame.channel, ...frame.words].join(" "));
    if (heard.length >= count) break;
  }
  return heard;
}

const deps = { clock: systemClock, log: silentLog };
/** No card has it. */
const NO_CHANNEL = 1_000;

/** What every helper owes the driver, whatever cards it has, and where it has none. */
export function describeHelper(name: string, open: () => Promise<HelperRig>): void {
  describe(name, () => {
    test("greets whoever speaks version 1", async () => {
      await using rig = await open();
      await using link = await HelperLink.open(await rig.connect(), deps);
      expect(link.version).not.toBe("");
    });

    test("refuses another version and ends the connection", async () => {
      await using rig = await open();
      await using stream = await rig.connect();
      await stream.write(encodeControl(0, "hello 2"));
      expect(await hear(stream, 2)).toEqual(["0 failed version"]);
    });

    test("lists its channels, each with what is known of it", async () => {
      await using rig = await open();
      await using link = await HelperLink.open(await rig.connect(), deps);
      for (const info of await link.channels())
        expect(info).toMatchObject({ channel: expect.any(Number), name: expect.stringMatching(/./) });
    });

    test("answers in the order of the questions, and what it does not know without ending the connection", async () => {
      await using rig = await open();
      await using stream = await rig.connect();
      const questions = ["hello 1", "ping", "sing", "ping", "ping"];
      await stream.write(Buffer.concat(questions.map((question) => encodeControl(0, question))));
      expect((await hear(stream, 5)).slice(1)).toEqual(["0 pong", "0 failed unknown sing", "0 pong", "0 pong"]);
    });

    test("understands what comes byte by byte", async () => {
      await using rig = await open();
      await using stream = await rig.connect();
      const bytes = Buffer.concat([encodeControl(0, "hello 1"), encodeControl(0, "ping")]);
      for (const byte of bytes) await stream.write(Uint8Array.of(byte));
      expect((await hear(stream, 2)).at(-1)).toBe("0 pong");
    });

    test("opens no channel that is not there, and lets sound for it pass", async () => {
      await using rig = await open();
      await using link = await HelperLink.open(await rig.connect(), deps);
      link.send(NO_CHANNEL, new Int16Array(160));
      await expect(link.ask(NO_CHANNEL, "open fxo")).rejects.toMatchObject({
        fault: expect.stringMatching(/^(no-such-channel|no-dahdi)$/),
      });
      await expect(link.ask(NO_CHANNEL, "hook off")).rejects.toMatchObject({ name: "HelperError" });
      expect(await link.ask(0, "ping")).toEqual(["pong"]);
    });

    test("takes a word and sound that come in one piece", async () => {
      await using rig = await open();
      await using stream = await rig.connect();
      const sound = encodeAudio(NO_CHANNEL, new Int16Array(160));
      await stream.write(Buffer.concat([encodeControl(0, "hello 1"), sound, sound, encodeControl(0, "ping")]));
      expect((await hear(stream, 2)).at(-1)).toBe("0 pong");
    });
  });
}
