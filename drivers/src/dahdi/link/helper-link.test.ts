import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Channel, silentLog, systemClock } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { describe, expect, test } from "vitest";
import { type ByteStream, LineError } from "../../line/index.ts";
import { openUnixStream } from "../../streams/index.ts";
import { encodeAudio, encodeControl } from "../protocol/index.ts";
import { describeHelper, FxoChannel, FxsChannel, SimulatedCard, SimulatedExchange } from "../testing/index.ts";
import { HelperLink } from "./helper-link.ts";
import { startHelper } from "./helper-process.ts";

const program = join(import.meta.dirname, "../../../../.cache/native/sitebox-dahdi");
const never = new AbortController().signal;

describeHelper("the helper of a simulated card", async () => {
  await using building = new AsyncDisposableStack();
  const exchange = building.use(new SimulatedExchange(systemClock));
  const channels = { 1: new FxoChannel(exchange.line("8001")), 2: new FxsChannel() };
  const card = building.use(await SimulatedCard.open(channels, { clock: systemClock }));
  const owned = building.move();
  return {
    connect: () => openUnixStream(card.socketPath, { clock: systemClock, signal: never }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
});

describe.runIf(existsSync(program))("the helper's program", () => {
  describeHelper("whatever cards there are", async () => ({
    connect: () => startHelper({ program, clock: systemClock, log: silentLog }, never),
    [Symbol.asyncDispose]: async () => {},
  }));
});

/** A helper that says what the test lets it say. */
class ScriptedHelper implements ByteStream {
  readonly chunks = new Channel<Uint8Array>();
  readonly written: string[] = [];
  closed = false;
  /** Called with each control frame of the driver. */
  answer: (text: string) => void = () => {};

  async write(bytes: Uint8Array): Promise<void> {
    if (this.closed) throw new LineError("the helper is gone");
    const text = Buffer.from(bytes).subarray(6).toString("latin1");
    this.written.push(text);
    this.answer(text);
  }

  say(channel: number, text: string): void {
    this.chunks.push(encodeControl(channel, text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
    this.chunks.close();
  }
}

async function greeted(clock = new VirtualClock()) {
  const helper = new ScriptedHelper();
  helper.answer = (text) => {
    if (text === "hello 1") helper.say(0, "hello 1 1.0 test");
    if (text === "ping") helper.say(0, "pong");
  };
  return { helper, clock, link: await HelperLink.open(helper, { clock, log: silentLog }) };
}

describe("a link", () => {
  test("asks each channel in its turn, and gives each answer to its question", async () => {
    const { helper, link } = await greeted();
    const answers = Promise.all([link.ask(1, "hook off"), link.ask(2, "ring on"), link.ask(1, "gain 0 0")]);
    helper.say(2, "done ring on");
    helper.say(1, "done hook off");
    helper.say(1, "done gain");
    expect(await answers).toEqual([
      ["done", "hook", "off"],
      ["done", "ring", "on"],
      ["done", "gain"],
    ]);
    await link[Symbol.asyncDispose]();
  });

  test("reads channels with their alarms", async () => {
    const { helper, link } = await greeted();
    const channels = link.channels();
    for (const text of [
      "channel 1 fxo free ok WCTDM/4/0",
      "channel 2 fxs in-use red X",
      "channel 3 odd free ok Y",
      "channels-end",
    ])
      helper.say(0, text);
    expect(await channels).toEqual([
      { channel: 1, kind: "fxo", inUse: false, alarm: undefined, name: "WCTDM/4/0" },
      { channel: 2, kind: "fxs", inUse: true, alarm: "red", name: "X" },
      { channel: 3, kind: "other", inUse: false, alarm: undefined, name: "Y" },
    ]);
    await link[Symbol.asyncDispose]();
  });

  test("gives events and sound to who listens to their channel, between an answer and its question too", async () => {
    const { helper, link } = await greeted();
    const heard: string[] = [];
    const done = Promise.withResolvers<void>();
    using _ = link.listen(4, {
      event: (words) => heard.push(words.join(" ")),
      audio(samples) {
        heard.push(`sound ${samples[0]}`);
        done.resolve();
      },
    });
    const opened = link.ask(4, "open fxo");
    helper.say(4, "event ring-begin");
    helper.say(4, "opened");
    helper.say(4, "lost 12");
    helper.say(5, "event ring-begin");
    helper.chunks.push(encodeAudio(5, Int16Array.of(9)));
    helper.chunks.push(encodeAudio(4, Int16Array.of(7)));
    expect(await opened).toEqual(["opened"]);
    await done.promise;
    expect(heard).toEqual(["ring-begin", "lost 12", "sound 7"]);
    await link[Symbol.asyncDispose]();
  });

  test("tells what was refused by the helper's word", async () => {
    const { helper, link } = await greeted();
    const opened = link.ask(4, "open fxo");
    helper.say(4, "failed error EIO");
    await expect(opened).rejects.toMatchObject({ fault: "error", message: 'the helper refused "open": error EIO' });
    await link[Symbol.asyncDispose]();
  });

  test("is lost when a question is not answered in five seconds", async () => {
    const { clock, link } = await greeted();
    const asked = link.ask(1, "hook off");
    const refused = expect(asked).rejects.toMatchObject({ fault: "lost" });
    await clock.advance(5_000);
    await refused;
    expect(await link.lost).toBe('the helper did not answer "hook"');
    await expect(link.ask(1, "hook on")).rejects.toMatchObject({ fault: "lost" });
    expect(clock.pending).toBe(0);
  });

  test("is lost when the helper stands still: it is asked every five seconds", async () => {
    const { helper, clock, link } = await greeted();
    await clock.advance(12_000);
    expect(helper.written.filter((text) => text === "ping")).toHaveLength(2);
    helper.answer = () => {};
    await clock.advance(10_000);
    expect(await link.lost).toBe('the helper did not answer "ping"');
    expect([helper.closed, clock.pending]).toEqual([true, 0]);
  });

  test("is lost and closed for what is no protocol", async () => {
    const { helper, link } = await greeted();
    helper.chunks.push(Buffer.from("HTTP/1.1 400 Bad Request\r\n"));
    expect(await link.lost).toMatch(/no frame begins with 48545450/);
    await expect.poll(() => helper.closed).toBe(true);
  });

  test("is lost when the helper ends, and what was asked with it", async () => {
    const { helper, link } = await greeted();
    const asked = link.ask(1, "hook off");
    helper.chunks.close();
    await expect(asked).rejects.toMatchObject({ fault: "lost", message: "the helper ended the connection" });
    expect(await link.lost).toBe("the helper ended the connection");
  });

  test("throws away sound that a helper does not take, a second of it at most waiting", async () => {
    const { helper, link } = await greeted();
    const stuck = Promise.withResolvers<void>();
    helper.write = () => stuck.promise;
    for (let at = 0; at < 60; at++) link.send(1, new Int16Array(160));
    expect(link.dropped).toBe(10);
    stuck.resolve();
    await link[Symbol.asyncDispose]();
  });

  test("does not open to what is no helper, or one of another version", async () => {
    for (const [said, fault] of [
      ["failed version", "version"],
      ["hello 7 9.0", "version"],
    ] as const) {
      const helper = new ScriptedHelper();
      helper.answer = () => helper.say(0, said);
      await expect(HelperLink.open(helper, { clock: new VirtualClock(), log: silentLog })).rejects.toMatchObject({ fault });
      expect(helper.closed).toBe(true);
    }
  });
});

describe("a helper of our own", () => {
  async function withProgram(script: string, run: (program: string, folder: string) => Promise<void>) {
    const folder = await mkdtemp(join(tmpdir(), "helper-"));
    try {
      const file = join(folder, "program");
      await writeFile(file, `#!/bin/sh\n${script}\n`);
      await chmod(file, 0o755);
      await run(file, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  test("that ends at once is told with what it said, and leaves nothing behind", async () => {
    await withProgram("echo no kernel >&2; exit 3", async (file, runtimeDir) => {
      const started = startHelper({ program: file, runtimeDir, clock: systemClock, log: silentLog }, never);
      await expect(started).rejects.toThrow("the helper ended (3) no kernel");
      expect((await readdir(runtimeDir)).filter((name) => name !== "program")).toEqual([]);
    });
  });

  test("that is not there is told", async () => {
    const started = startHelper({ program: "/nonexistent/sitebox-dahdi", clock: systemClock, log: silentLog }, never);
    await expect(started).rejects.toThrow("the helper cannot be started");
  });

  test.runIf(existsSync(program))("ends with its connection, and its folder is gone", async () => {
    await withProgram("", async (_, runtimeDir) => {
      const stream = await startHelper({ program, runtimeDir, clock: systemClock, log: silentLog }, never);
      const link = await HelperLink.open(stream, { clock: systemClock, log: silentLog });
      expect((await readdir(runtimeDir)).filter((name) => name !== "program")).toHaveLength(1);
      await link[Symbol.asyncDispose]();
      expect((await readdir(runtimeDir)).filter((name) => name !== "program")).toEqual([]);
    });
  });
});
