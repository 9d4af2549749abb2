import { formatUri } from "../parser/index.ts";
import type { EventPackage, Presence } from "./packages.ts";

/** The lamp of one's own mailbox (RFC 3842). Urgent messages there are none. */
export const messageSummary = (presence: Presence): EventPackage => ({
  name: "message-summary",
  type: "application/simple-message-summary",
  mayWatch: (watcher, number) => watcher === number,
  tell: ({ number, entity }) => {
    let told: string | undefined;
    return {
      async next(whole) {
        const { unheard, heard } = await presence.mailbox(number);
        const text = [
          `Messages-Waiting: ${unheard > 0 ? "yes" : "no"}`,
          `Message-Account: ${formatUri(entity)}`,
          `Voice-Message: ${unheard}/${heard} (0/0)`,
          "",
        ].join("\r\n");
        const news = whole || text !== told;
        told = text;
        return news ? text : undefined;
      },
    };
  },
  onChanged: (listener) => presence.onMailbox(listener),
});
