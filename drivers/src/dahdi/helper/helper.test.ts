import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, watch } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeAudio, encodeControl, FrameReader } from "../protocol/index.ts";

const run = promisify(execFile);
const build = fileURLToPath(new URL("build.sh", import.meta.url));
const withDahdi = existsSync("/dev/dahdi/channel");

let folder = "";
let program = "";

/** With the compiler's own checks of memory and of undefined behaviour; either ends the program, and so does what it did not free. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-dahdi-"));
  program = join(folder, "sitebox-dahdi");
  await run(build, [program, "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Resolves when the helper listens there. */
async function listening(path: string): Promise<void> {
  const changes = watch(folder);
  while (!existsSync(path)) await once(changes, "change");
  changes.close();
}

interface Running extends AsyncDisposable {
  readonly socket: Socket;
  readonly path: string;
  send(bytes: Uint8Array): Promise<void>;
  say(channel: number, text: string): Promise<void>;
  /** What the helper says next, as "<channel> <words>". */
  hear(): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** How it ended, with what it complained of. */
  readonly ended: Promise<string>;
}

let helpers = 0;

async function start(): Promise<Running> {
  helpers += 1;
  const path = join(folder, `${helpers}.sock`);
  const child = spawn(program, ["--socket", path], { stdio: ["ignore", "ignore", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (bytes: Buffer) => {
    complaints += bytes.toString();
  });
  const ended = once(child, "close").then(([code, signal]) => `${String(signal ?? code)} ${complaints}`.trim());
  await listening(path);
  const socket = connect(path);
  await once(socket, "connect");
  // A helper that has let us go may not have read all we sent.
  socket.on("error", () => {});
  const reader = new FrameReader();
  const heard = (async function* () {
    for await (const chunk of socket)
      for (const frame of reader.read(chunk as Buffer))
        if (frame.type === "control") yield [frame.channel, ...frame.words].join(" ");
  })();
  const send = (bytes: Uint8Array) => new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
  return {
    socket,
    path,
    send,
    ended,
    say: (channel, text) => send(encodeControl(channel, text)),
    hear: async () => String((await heard.next()).value),
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await ended;
    },
  };
}

test("it greets, and ends without a complaint when the driver has gone", async () => {
  await using helper = await start();
  await helper.say(0, "hello 1");
  expect(await helper.hear()).toMatch(/^0 hello 1 \d/);
  helper.socket.destroy();
  expect(await helper.ended).toBe("0");
});

test("only its own user can reach the socket, and it is gone once the driver is connected", async () => {
  const path = join(folder, "private.sock");
  const child = spawn(program, ["--socket", path]);
  await listening(path);
  expect((await stat(path)).mode & 0o077).toBe(0);
  const socket = connect(path);
  await once(socket, "connect");
  socket.write(encodeControl(0, "ping"));
  await once(socket, "data");
  expect(existsSync(path)).toBe(false);
  socket.destroy();
  await once(child, "close");
});

test("a driver of another time is told, and let go", async () => {
  await using helper = await start();
  await helper.say(0, "hello 2");
  expect(await helper.hear()).toBe("0 failed version");
  expect(await helper.ended).toBe("0");
});

test("SIGTERM ends it, connected or not", async () => {
  await using helper = await start();
  await helper.say(0, "ping");
  expect(await helper.hear()).toBe("0 pong");
  helper.kill("SIGTERM");
  expect(await helper.ended).toBe("0");
  const path = join(folder, "lonely.sock");
  const child = spawn(program, ["--socket", path]);
  await listening(path);
  child.kill("SIGTERM");
  expect(await once(child, "close")).toEqual([0, null]);
});

test.skipIf(withDahdi)("without DAHDI there are no channels, and opening one says why", async () => {
  await using helper = await start();
  await helper.say(0, "channels");
  expect(await helper.hear()).toBe("0 channels-end");
  await helper.say(3, "open fxo");
  expect(await helper.hear()).toBe("3 failed no-dahdi");
  expect((await run(program, ["--channels"])).stdout).toBe("");
});

test("what it does not know, or what makes no sense, it says and goes on", async () => {
  await using helper = await start();
  const frame = (type: string, length: number) => {
    const bytes = Buffer.alloc(6 + length, "x");
    bytes.write(type);
    bytes.writeUInt8(0, 1);
    bytes.writeUInt16BE(4, 2);
    bytes.writeUInt16BE(length, 4);
    return bytes;
  };
  await helper.say(4, "sing loudly");
  await helper.say(0, "open fxo");
  await helper.say(4, "hook off");
  await helper.say(4, "hook");
  await helper.say(4, "open door");
  await helper.send(frame("C", 0));
  await helper.send(frame("C", 1_025));
  await helper.send(frame("A", 5));
  await helper.send(frame("Z", 5));
  await helper.send(encodeAudio(4, new Int16Array(160)));
  await helper.say(0, "ping");
  const heard: string[] = [];
  while (heard.at(-1) !== "0 pong") heard.push(await helper.hear());
  expect(heard).toEqual([
    "4 failed unknown sing",
    "0 failed unknown open",
    "4 failed not-open",
    "4 failed error EINVAL",
    "4 failed unknown door",
    "4 failed unknown -",
    "4 failed too-long",
    "4 failed audio-length",
    "4 failed unknown frame",
    "0 pong",
  ]);
});

test("frames are understood however they are cut", async () => {
  const asked = Buffer.concat([encodeControl(0, "ping"), encodeAudio(9, new Int16Array(160)), encodeControl(7, "what")]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 }), async (cuts) => {
      await using helper = await start();
      helper.socket.setNoDelay(true);
      let at = 0;
      for (const cut of [...cuts, asked.length]) {
        await helper.send(asked.subarray(at, at + cut));
        at += cut;
      }
      expect([await helper.hear(), await helper.hear()]).toEqual(["0 pong", "7 failed unknown what"]);
    }),
    { numRuns: 20 },
  );
});

test("no bytes at all make it err or leak", async () => {
  const nonsense = fc.uint8Array({ maxLength: 4_000, size: "max" });
  const words = fc
    .array(
      fc.constantFrom(
        "open",
        "close",
        "fxo",
        "fxs",
        "hook",
        "on",
        "dial",
        "12",
        "gain",
        "-3.5",
        "nan",
        "echo",
        "tone",
        "hello",
        "1",
        "channels",
        "",
      ),
      {
        minLength: 1,
        maxLength: 7,
      },
    )
    .map((some) => Buffer.from(some.join(" ")));
  const header = (type: number, channel: number, payload: Uint8Array, length: number) => {
    const bytes = Buffer.alloc(6);
    bytes[0] = type;
    bytes.writeUInt16BE(channel, 2);
    bytes.writeUInt16BE(length, 4);
    return Buffer.concat([bytes, payload]);
  };
  const framed = fc
    .tuple(
      fc.constantFrom(0x41, 0x43, 0x44),
      fc.integer({ min: 0, max: 9 }),
      fc.oneof(nonsense, words),
      fc.integer({ min: -2, max: 2 }),
    )
    .map(([type, channel, payload, off]) => header(type, channel, payload, Math.max(0, payload.length + (off === 2 ? 1 : 0))));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 4, arbitrary: framed }, { weight: 1, arbitrary: nonsense }), { maxLength: 30 }),
      async (pieces) => {
        await using helper = await start();
        helper.socket.resume();
        for (const piece of pieces) await helper.send(piece);
        helper.socket.end();
        expect(await helper.ended).toBe("0");
      },
    ),
    { numRuns: 60 },
  );
}, 60_000);
