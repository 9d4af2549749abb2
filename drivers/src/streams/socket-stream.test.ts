import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { LineError } from "../line/index.ts";
import { openTcpStream, openUnixStream } from "./index.ts";

const never = new AbortController().signal;
const usual = { clock: systemClock, signal: never };

/** A device that says what it is told, and hangs up when it is told "bye". */
async function openEcho(path?: string) {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (bytes) => (String(bytes) === "bye" ? socket.destroy() : socket.write(bytes)));
  });
  await once(path === undefined ? server.listen(0, "127.0.0.1") : server.listen(path), "listening");
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

async function speak(stream: Awaited<ReturnType<typeof openTcpStream>>): Promise<string> {
  await stream.write(Buffer.from("hello"));
  let heard = "";
  for await (const bytes of stream.chunks) {
    heard += Buffer.from(bytes).toString();
    if (heard === "hello") await stream.write(Buffer.from("bye"));
  }
  await stream[Symbol.asyncDispose]();
  await stream[Symbol.asyncDispose]();
  await expect(stream.write(Buffer.from("hello"))).rejects.toThrow(LineError);
  return heard;
}

test("bytes go both ways over TCP, and the reading ends with the device", async () => {
  await using echo = await openEcho();
  expect(await speak(await openTcpStream({ host: "127.0.0.1", port: echo.port }, usual))).toBe("hello");
});

test("bytes go both ways over a Unix socket", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sitebox-streams-"));
  const path = join(folder, "device.sock");
  {
    await using _echo = await openEcho(path);
    expect(await speak(await openUnixStream(path, usual))).toBe("hello");
  }
  await rm(folder, { recursive: true });
});

test("where nobody listens it is said why", async () => {
  await expect(openUnixStream("/nowhere/device.sock", usual)).rejects.toThrow(LineError);
  await expect(openUnixStream("/nowhere/device.sock", usual)).rejects.toThrow("ENOENT");
});

test("who gives up has nothing opened", async () => {
  const reason = new Error("given up");
  await expect(openUnixStream("/nowhere/device.sock", { ...usual, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("a device that does not accept in time is given up", async () => {
  const clock = new VirtualClock();
  // TEST-NET-1 (RFC 5737): nobody answers.
  const opening = openTcpStream({ host: "192.0.2.1", port: 9 }, { clock, signal: never, deadlineMs: 3_000 });
  const refused = expect(opening).rejects.toThrow(LineError);
  await clock.advance(3_000);
  await refused;
  expect(clock.pending).toBe(0);
});
