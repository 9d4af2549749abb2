import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type Log, silentLog } from "@sitebox/core/kernel";
import { expect, test } from "vitest";
import { RTP_HEADER_BYTES, rtpPacket } from "./rtp-packet.ts";
import { bindUdp, RtpSocket } from "./rtp-socket.ts";

test("when no RTP comes it is said once, with how long, and again when it comes back", async () => {
  const said: string[] = [];
  const back = Promise.withResolvers<void>();
  const log: Log = {
    ...silentLog,
    warn: (message, fields) => void said.push(`${message} ${fields?.quietMs}`),
    info: (message) => {
      said.push(message);
      back.resolve();
    },
  };
  let now = 0;
  const socket = await bindUdp("127.0.0.1", 0);
  const peer = createSocket("udp4").bind(0, "127.0.0.1");
  await once(peer, "listening");
  if (!socket) throw new Error("an ephemeral port is always free");
  const rtp = new RtpSocket(socket, { log, now: () => now, onDigit: () => undefined });
  rtp.connect({ address: "127.0.0.1", port: peer.address().port, codec: "PCMA", payloadType: 8, send: true, receive: true });
  for (; now <= 60_000; now += 1_000) rtp.hear(0);
  expect(said).toEqual(["no RTP comes 30000"]);
  const header = { payloadType: 8, sequence: 1, timestamp: 0, ssrc: 1, marker: false, payloadBytes: 160 };
  peer.send(rtpPacket(header).fill(0xd5, RTP_HEADER_BYTES), socket.address().port, "127.0.0.1");
  await back.promise;
  for (const until = now + 20_000; now <= until; now += 1_000) rtp.hear(0);
  expect(said.slice(1)).toEqual(["RTP is coming again", "no RTP comes 15000"]);
  expect(rtp.stats()).toMatchObject({ receivedPackets: 1, lostPackets: 0, quietMs: 21_000 });
  peer.close();
  await rtp.close();
});
