import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { FarLinks } from "./far-links.ts";

const token = new Uint8Array(16).fill(7);
const opened: FarLinks[] = [];
afterEach(() => {
  for (const links of opened.splice(0)) links.close();
});

async function bound(): Promise<Socket> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return socket;
}

async function open(secret = token): Promise<{ links: FarLinks; socket: Socket }> {
  const socket = await bound();
  const links = new FarLinks(socket, secret);
  opened.push(links);
  return { links, socket };
}

const frame = (value: number) => new Int16Array(160).fill(value);

/** What comes out of an inbox once its buffer is filled. */
function pulled(inbox: ReturnType<FarLinks["open"]>, slots: number): number[] {
  return Array.from({ length: slots }, () => inbox.pull()[80] ?? 0);
}

test("the frames of one slot go to a worker as one datagram, and each to its own link", async () => {
  const [here, there] = [await open(), await open()];
  const [first, second] = [there.links.open(1), there.links.open(2)];
  let datagrams = 0;
  there.socket.on("message", () => datagrams++);
  for (let slot = 0; slot < 4; slot++) {
    const arrived = once(there.socket, "message");
    here.links.put({ port: there.links.port, link: 1 }, frame(100 + slot));
    here.links.put({ port: there.links.port, link: 2 }, frame(200 + slot));
    here.links.put({ port: there.links.port, link: 3 }, frame(300 + slot));
    here.links.flush();
    await arrived;
  }
  expect(datagrams).toBe(4);
  expect(pulled(first, 4)).toEqual([100, 101, 102, 103]);
  expect(pulled(second, 4)).toEqual([200, 201, 202, 203]);
});

test("more frames than fit one datagram go as two", async () => {
  const [here, there] = [await open(), await open()];
  const last = there.links.open(150);
  const both = new Promise<void>((resolve) => {
    let count = 0;
    there.socket.on("message", () => {
      if (++count === 6) resolve();
    });
  });
  for (let slot = 0; slot < 3; slot++) {
    for (let link = 1; link <= 150; link++) here.links.put({ port: there.links.port, link }, frame(link));
    here.links.flush();
  }
  await both;
  expect(pulled(last, 3)).toEqual([150, 150, 150]);
});

test("who does not know the token is not heard, nor what is cut short", async () => {
  const [stranger, there] = [await open(new Uint8Array(16).fill(8)), await open()];
  const inbox = there.links.open(1);
  const quiet = frame(0);
  for (let slot = 0; slot < 4; slot++) {
    const arrived = once(there.socket, "message");
    stranger.links.put({ port: there.links.port, link: 1 }, frame(1_000));
    stranger.links.flush();
    await arrived;
  }
  const arrived = once(there.socket, "message");
  stranger.socket.send(Buffer.concat([token, Buffer.alloc(50, 1)]), there.links.port, "127.0.0.1");
  await arrived;
  expect(inbox.received).toBe(0);
  expect(inbox.pull()).toEqual(quiet);
});

test("a link that is forgotten hears no more", async () => {
  const [here, there] = [await open(), await open()];
  const inbox = there.links.open(1);
  there.links.forget(1);
  const arrived = once(there.socket, "message");
  here.links.put({ port: there.links.port, link: 1 }, frame(1_000));
  here.links.flush();
  await arrived;
  expect(inbox.received).toBe(0);
});
