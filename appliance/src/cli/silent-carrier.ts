import { Channel } from "@sitebox/core/kernel";
import type { Leg, Line } from "@sitebox/drivers/line";
import type { SipEndpoint } from "@sitebox/drivers/sip";

/** Stands for the SIP side where only a gateway's management is looked at: its lines carry no calls. */
export const silentCarrier: Pick<SipEndpoint, "addLine"> = {
  async addLine({ name }) {
    const incoming = new Channel<Leg>();
    incoming.close();
    const line: Line = {
      incoming,
      state: { name, state: "down", fault: "switched-off", reason: "calls are not looked at here", calls: 0, maxCalls: 0 },
      onChanged: () => ({ [Symbol.dispose]: () => {} }),
      dial: async () => ({ type: "unreachable", reason: "calls are not looked at here" }),
      [Symbol.asyncDispose]: async () => {},
    };
    return line;
  },
};
