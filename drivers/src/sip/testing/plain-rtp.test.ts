import { systemClock } from "@sitebox/core/kernel";
import { describeRtpPorts } from "../../line/testing/index.ts";
import { plainRtpPorts } from "./plain-rtp.ts";

describeRtpPorts("the plain RTP of the tests", async () => ({
  ports: plainRtpPorts(systemClock),
  async [Symbol.asyncDispose]() {},
}));
