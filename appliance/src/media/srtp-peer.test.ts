import { spawn } from "node:child_process";
import { once } from "node:events";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { hearTone } from "@sitebox/drivers/line/testing";
import { expect, test } from "vitest";
import { openMedia } from "./open-media.ts";

const LOCAL = "127.0.0.1";

/** ffmpeg encrypts by an SRTP of its own. */
test.each([
  ["AES_CM_128_HMAC_SHA1_80", "PCMA", "pcm_alaw"],
  ["AES_CM_128_HMAC_SHA1_32", "G722", "g722"],
] as const)("sound that ffmpeg sends by %s in %s is heard", async (suite, codec, encoder) => {
  await using media = await openMedia({ clock: systemClock, log: silentLog });
  await using port = await media.rtp.open(LOCAL);
  const masterKeyAndSalt = Uint8Array.from({ length: 30 }, (_, at) => 3 * at);
  const key = { suite, masterKeyAndSalt };
  const payloadType = codec === "PCMA" ? 8 : 9;
  port.connect({ address: LOCAL, port: 9, codec, payloadType, send: false, receive: true, srtp: { local: key, remote: key } });
  const rate = codec === "PCMA" ? "8000" : "16000";
  const args = [
    ...["-v", "error", "-re", "-f", "lavfi", "-i", `sine=frequency=700:sample_rate=${rate},volume=4`, "-c:a", encoder],
    ...["-f", "rtp", "-srtp_out_suite", suite, "-srtp_out_params", Buffer.from(masterKeyAndSalt).toString("base64")],
    `srtp://${LOCAL}:${port.localPort}?pkt_size=200`,
  ];
  const ffmpeg = spawn("ffmpeg", args, { stdio: "ignore" });
  const ended = once(ffmpeg, "exit");
  await hearTone(port.frames, 700, { timeoutMs: 15_000 });
  await using leg = media.attach(port);
  expect(await leg.stats()).toMatchObject({ secure: true, codec, strangerPackets: 0 });
  ffmpeg.kill("SIGKILL");
  await ended;
});
