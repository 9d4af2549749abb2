import { createSocket, type Socket } from "node:dgram";

/** Binds a UDP port; gives nothing where it is in use, and rejects for any other failure. */
export function bindUdp(address: string, port: number): Promise<Socket | undefined> {
  const socket = createSocket({
    type: address.includes(":") ? "udp6" : "udp4",
    // Only addresses are sent to, never names: each packet would wait for the resolver's turn otherwise.
    lookup: (host, _options, callback) => callback(null, host, host.includes(":") ? 6 : 4),
  });
  return new Promise((resolve, reject) => {
    socket.once("error", (error: NodeJS.ErrnoException) => {
      socket.close();
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

/** The two ports of a session: an even one for RTP and the next for RTCP (RFC 3550 §11). */
export interface PortPair {
  readonly rtp: Socket;
  readonly rtcp: Socket;
}

/** Binds `port` and the one after it; gives nothing where either is in use, and rejects for any other failure. */
export async function bindPair(address: string, port: number): Promise<PortPair | undefined> {
  const rtp = await bindUdp(address, port);
  if (!rtp) return undefined;
  const rtcp = await bindUdp(address, port + 1).catch((error: unknown) => {
    rtp.close();
    throw error;
  });
  if (rtcp) return { rtp, rtcp };
  await new Promise<void>((resolve) => rtp.close(resolve));
  return undefined;
}
