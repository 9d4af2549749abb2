import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below what Linux gives to whoever asks for any port (32768 and up), beside what the box keeps for RTP (10000 to 20000). */
const FIRST = 20_001;
const COUNT = 9_999;
const given = new Set<number>();

async function isFree(port: number, host: string): Promise<boolean> {
  const tcp = createServer();
  const udp = createSocket("udp4");
  try {
    await once(tcp.listen(port, host), "listening");
    await once(udp.bind(port, host), "listening");
    return true;
  } catch {
    return false;
  } finally {
    await Promise.all([new Promise((done) => tcp.close(done)), new Promise<void>((done) => udp.close(done))]);
  }
}

/**
 * An even port that nobody has just now, neither over TCP nor over UDP, for a program that must be told one.
 * It is none that the kernel may give to somebody else meanwhile, and none that this process was given before.
 */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  for (let tries = 0; tries < COUNT; tries++) {
    const port = (FIRST + Math.floor(Math.random() * COUNT)) & ~1;
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port, host)) return port;
  }
  throw new Error(`no port from ${FIRST} to ${FIRST + COUNT} is free at ${host}`);
}
