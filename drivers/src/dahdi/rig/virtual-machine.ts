import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "@sitebox/core/testing";
import { helperSocket } from "./helper-socket.ts";

const program = fileURLToPath(new URL("../../../../tools/dahdi-vm/boot.sh", import.meta.url));

/** Joins each connection to the socket with one of its own to the machine's bridge, and so with a helper of its own. */
async function openSocket(port: number): Promise<Server> {
  const server = createServer((near) => {
    const far = connect({ host: "127.0.0.1", port, noDelay: true });
    // Either end may go at any time; the other hears of it.
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const)
      void pipeline(from, to).catch(() => to.destroy());
  });
  await rm(helperSocket, { force: true });
  await once(server.listen(helperSocket), "listening");
  return server;
}

/** Boots the machine before the tests; what is returned switches it off. */
export async function setup(): Promise<() => Promise<void>> {
  const port = await freePort();
  const machine = spawn(program, ["bridge", String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(machine, "exit");
  const said: string[] = [];
  for await (const line of createInterface(machine.stdout)) {
    said.push(line);
    if (line.startsWith("rig-listens")) break;
  }
  if (!said.at(-1)?.startsWith("rig-listens")) throw new Error(`the virtual machine did not start: ${said.join("\n")}`);
  machine.stdout.resume();
  const server = await openSocket(port);
  return async () => {
    server.close();
    machine.kill("SIGTERM");
    await gone;
    await rm(helperSocket, { force: true });
  };
}
