import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

/** Listens and says on which port. `setting` names where a person chooses another. @throws Error that says what to do */
export async function listen(server: Server, { host, port }: { host: string; port: number }, setting: string): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    throw new Error(`cannot listen on ${host}:${port}: stop the other program there or choose another ${setting}`, { cause });
  }
  return (server.address() as AddressInfo).port;
}
