import { spawn } from "node:child_process";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { silentLog, systemClock } from "@sitebox/core/kernel";
import { freePort } from "@sitebox/core/testing";
import type { RtpRemote } from "@sitebox/drivers/line";
import { hearTone, playTone } from "@sitebox/drivers/line/testing";
import { goertzel } from "@sitebox/drivers/sound";
import { expect, test } from "vitest";
import { openMedia } from "./open-media.ts";

/** ffmpeg encrypts and decrypts by an SRTP of its own. */
const LOCAL = "127.0.0.1";
const MASTER = Uint8Array.from({ length: 30 }, (_, at) => 3 * at);
const MASTER_TEXT = Buffer.from(MASTER).toString("base64");

const suites = [
  ["AES_CM_128_HMAC_SHA1_80", "PCMA", "pcm_alaw"],
  ["AES_CM_128_HMAC_SHA1_32", "G722", "g722"],
] as const;

type Suite = (typeof suites)[number][0];

function remoteOf(suite: Suite, codec: "PCMA" | "G722", port: number): RtpRemote {
  const key = { suite, masterKeyAndSalt: MASTER };
  const srtp = { local: key, remote: key };
  return { address: LOCAL, port, codec, payloadType: codec === "PCMA" ? 8 : 9, send: true, receive: true, srtp };
}

test.each(suites)("sound that ffmpeg sends by %s in %s is heard", async (suite, codec, encoder) => {
  await using media = await openMedia({ clock: systemClock, log: silentLog });
  await using port = await media.rtp.open(LOCAL);
  port.connect(remoteOf(suite, codec, 9));
  const rate = codec === "PCMA" ? 8_000 : 16_000;
  const sound = ["-re", "-f", "lavfi", "-i", `sine=frequency=700:sample_rate=${rate},volume=4`, "-c:a", encoder];
  const secured = ["-f", "rtp", "-srtp_out_suite", suite, "-srtp_out_params", MASTER_TEXT];
  const ffmpeg = spawn("ffmpeg", ["-v", "error", ...sound, ...secured, `srtp://${LOCAL}:${port.localPort}?pkt_size=200`], {
    stdio: "ignore",
  });
  const ended = once(ffmpeg, "exit");
  await hearTone(port.frames, 700, { timeoutMs: 15_000 });
  await using leg = media.attach(port);
  expect(await leg.stats()).toMatchObject({ secure: true, codec, strangerPackets: 0 });
  ffmpeg.kill("SIGKILL");
  await ended;
});

test.each(suites)("ffmpeg hears what we send by %s in %s", async (suite, codec) => {
  await using media = await openMedia({ clock: systemClock, log: silentLog });
  await using port = await media.rtp.open(LOCAL);
  const theirs = await freePort();
  const remote = remoteOf(suite, codec, theirs);
  const { payloadType } = remote;
  const description = [
    "v=0",
    `o=- 0 0 IN IP4 ${LOCAL}`,
    "s=-",
    `c=IN IP4 ${LOCAL}`,
    "t=0 0",
    `m=audio ${theirs} RTP/SAVP ${payloadType}`,
  ];
  const crypto = `a=crypto:1 ${suite} inline:${MASTER_TEXT}`;
  const input = ["-protocol_whitelist", "pipe,rtp,udp,srtp,crypto,data", "-f", "sdp", "-i", "pipe:0"];
  const ffmpeg = spawn("ffmpeg", ["-v", "error", ...input, "-t", "1", "-f", "s16le", "-ar", "8000", "-ac", "1", "pipe:1"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  ffmpeg.stdin.end([...description, crypto, ""].join("\r\n"));
  port.connect(remote);
  const stop = new AbortController();
  const playing = playTone((frame) => port.write(frame), 700, stop.signal);
  const bytes = await buffer(ffmpeg.stdout);
  stop.abort();
  await playing;
  const heard = Int16Array.from({ length: bytes.length >> 1 }, (_, at) => bytes.readInt16LE(2 * at));
  expect(heard.length).toBeGreaterThan(7_000);
  expect(goertzel(heard.subarray(4_000, 6_800), 700)).toBeGreaterThan(6_000);
});
