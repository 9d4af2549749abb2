import { type Header, headerOf, type SipRequest } from "../parser/index.ts";

const DEFAULT_S = 3_600;
const MIN_S = 60;
const MAX_S = 7_200;

/** How long a SUBSCRIBE is granted, or why not (RFC 6665 §4.2.1.1). */
export function wantedSeconds(
  request: SipRequest,
):
  | { readonly type: "granted"; readonly seconds: number }
  | { readonly type: "refused"; readonly status: 400 | 423; readonly headers: readonly Header[] } {
  const text = headerOf(request, "expires")?.trim() ?? String(DEFAULT_S);
  if (!/^[0-9]{1,10}$/.test(text)) return { type: "refused", status: 400, headers: [] };
  const seconds = Math.min(Number(text), MAX_S);
  if (seconds > 0 && seconds < MIN_S) return { type: "refused", status: 423, headers: [["min-expires", String(MIN_S)]] };
  return { type: "granted", seconds };
}
