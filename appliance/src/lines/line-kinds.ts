import type { SipLine } from "@sitebox/core/contract";
import { type Line, LineError } from "@sitebox/drivers/line";
import type { SipEndpoint } from "@sitebox/drivers/sip";
import type { OpenLine } from "./managed-line.ts";

export interface LineKindsDeps {
  readonly sip: SipEndpoint;
}

/** A carrier as the SIP side knows it. */
const trunkOf = ({ kind: _, login, limits: __, tariffs: ___, ...trunk }: SipLine) => ({ ...trunk, kind: login });

/** The drivers of lines: one line of code for each kind. */
export const lineKinds =
  ({ sip }: LineKindsDeps): OpenLine =>
  async (config): Promise<Line> => {
    switch (config.kind) {
      case "sip":
        return sip.addLine(trunkOf(config));
      case "gsm":
      case "gateway":
      case "dahdi":
        throw new LineError(`this box has no driver for ${config.kind}`);
    }
  };
