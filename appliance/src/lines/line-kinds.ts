import type { SipLine } from "@sitebox/core/contract";
import { openCardLine } from "@sitebox/drivers/dahdi";
import { type GatewayMemory, openGatewayLine } from "@sitebox/drivers/gateway";
import { openGsmLine, type ReportMemory } from "@sitebox/drivers/gsm";
import type { SimMemory } from "@sitebox/drivers/line";
import type { SipEndpoint } from "@sitebox/drivers/sip";
import type { Usb } from "@sitebox/drivers/usb";
import type { OpenLine } from "./managed-line.ts";

export interface LineKindsDeps {
  readonly sip: Pick<SipEndpoint, "addLine">;
  readonly usb: Usb;
  /** Absent: gateways tell all that they keep again after a restart. */
  readonly gatewayMemory?: GatewayMemory;
  /** What reports on texts a modem's line awaits over a restart. Absent: none. */
  reportMemory?(line: string): ReportMemory;
  /** Which SIMs a line was first seen with. Absent: each is known until the line is closed. */
  simMemory?(line: string): SimMemory;
  /** A second call waits on a modem's line: true where the box ends its own for it. */
  callWaits?(line: string): boolean;
  /** The program that drives telephony cards. */
  readonly cardHelper: string;
}

/** A carrier as the SIP side knows it. */
const trunkOf = ({ kind: _, login, limits: __, tariffs: ___, ...trunk }: SipLine) => ({ ...trunk, kind: login });

/** The drivers of lines: one case for each kind. */
export const lineKinds =
  ({ sip, usb, gatewayMemory, reportMemory, simMemory, callWaits, cardHelper }: LineKindsDeps): OpenLine =>
  async (config, deps) => {
    switch (config.kind) {
      case "sip":
        return sip.addLine(trunkOf(config), deps);
      case "gsm":
        return openGsmLine(config, {
          ...deps,
          usb,
          ...(reportMemory && { reports: reportMemory(config.name) }),
          ...(simMemory && { sims: simMemory(config.name) }),
          ...(callWaits && { callWaits: () => callWaits(config.name) }),
        });
      case "gateway":
        return openGatewayLine(config, {
          ...deps,
          sip,
          ...(gatewayMemory && { memory: gatewayMemory }),
          ...(simMemory && { sims: simMemory(config.name) }),
        });
      case "dahdi":
        return openCardLine(config, { ...deps, helperProgram: cardHelper });
    }
  };
