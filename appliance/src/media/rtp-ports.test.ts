import { silentLog, systemClock } from "@sitebox/core/kernel";
import { describeRtpPorts } from "@sitebox/drivers/line/testing";
import { openMedia } from "./open-media.ts";

const open = async () => {
  const media = await openMedia({ clock: systemClock, log: silentLog });
  return { ports: media.rtp, [Symbol.asyncDispose]: () => media[Symbol.asyncDispose]() };
};

describeRtpPorts("RTP ports in worker processes", open, {
  tones: true,
  codecs: ["PCMU", "G722"],
  packetTimes: true,
  srtp: true,
});
