import type { ExtensionState, LineConfig } from "@sitebox/core/contract";
import type { LineState } from "@sitebox/drivers/line";
import type { Switches } from "./calls/plan/index.ts";

/** The card that a telephone is plugged into. `state`: undefined while nothing is known of it. */
export interface Card {
  readonly config: LineConfig | undefined;
  readonly state: LineState | undefined;
}

/** The channel of a telephone at a card. */
const channelOf = (number: string, config: LineConfig | undefined): number | undefined =>
  config?.kind === "dahdi" ? config.ports.find((port) => port.type === "fxs" && port.extension === number)?.channel : undefined;

/**
 * A telephone that is plugged into a card: it can be rung while its own port is there. How the card's other ports do is not its matter: a card
 * whose lines to the outside are all down still rings its telephones.
 */
export function cardTelephone(number: string, { config, state }: Card, switches: Switches): ExtensionState {
  const { doNotDisturb, followMe } = switches.of(number);
  const channel = channelOf(number, config);
  const own = state?.ports?.find(({ port }) => port === channel);
  const registered = own !== undefined && own.state !== "down";
  return {
    number,
    displayName: number,
    registered,
    contacts: state !== undefined && registered ? [state.name] : [],
    doNotDisturb,
    ...(followMe && { followMe: [...followMe] }),
  };
}
