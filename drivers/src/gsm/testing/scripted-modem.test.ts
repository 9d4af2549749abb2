import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@sitebox/core/kernel";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ByteStream } from "../../line/index.ts";
import { openSerial } from "../../serial/index.ts";
import { openScriptedModem } from "./index.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sitebox-modem-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (path: string) => openSerial(path, { log: silentLog });

async function hear(stream: ByteStream, until: string): Promise<string> {
  let heard = "";
  const reader = stream.chunks[Symbol.asyncIterator]();
  while (!heard.includes(until)) {
    const { value, done } = await reader.next();
    if (done) throw new Error(`the port ended after ${JSON.stringify(heard)}`);
    heard += Buffer.from(value).toString("latin1");
  }
  return heard;
}

test("it answers with echo, and without after ATE0", async () => {
  await using modem = await openScriptedModem({ folder });
  await using port = await open(modem.atPath);
  await port.write(Buffer.from("AT+CSQ\r"));
  expect(await hear(port, "OK\r\n")).toBe("AT+CSQ\r\r\n+CSQ: 21,99\r\n\r\nOK\r\n");
  await port.write(Buffer.from("ATE0\r"));
  await hear(port, "OK\r\n");
  await port.write(Buffer.from("AT+CGSN\r"));
  expect(await hear(port, "OK\r\n")).toBe(`\r\n${modem.identity.imei}\r\n\r\nOK\r\n`);
});

test("a handler can ask for what stands behind the prompt", async () => {
  await using modem = await openScriptedModem({ folder });
  modem.handle("+CMGS=", async ({ rest, prompt }) => ({ lines: [`+CMGS: ${rest},${await prompt()}`] }));
  await using port = await open(modem.atPath);
  await port.write(Buffer.from("ATE0\r"));
  await hear(port, "OK\r\n");
  await port.write(Buffer.from("AT+CMGS=3\r"));
  await hear(port, "> ");
  await port.write(Buffer.from("abc\x1a"));
  expect(await hear(port, "OK\r\n")).toContain("+CMGS: 3,abc");
});

test("an unplug ends the port's bytes, and plugging in makes a new one", async () => {
  await using modem = await openScriptedModem({ folder });
  const before = (await readdir("/proc/self/fd")).length;
  for (let turn = 0; turn < 20; turn++) {
    await using port = await open(modem.atPath);
    await port.write(Buffer.from("AT\r"));
    await hear(port, "OK\r\n");
    await modem.unplug();
    for await (const _ of port.chunks);
    await modem.plug();
  }
  expect((await readdir("/proc/self/fd")).length).toBe(before);
});
