import { headerIn, parseReplaces, type Replaced } from "../dialogs/index.ts";
import { headerOf, listOf, parseNameAddr, type SipRequest, userOf } from "../parser/index.ts";

/** What a REFER asks for (RFC 3515 §2.4.2). */
export type ReferTo =
  | {
      readonly type: "call";
      readonly number: string;
      /** The call that is to be joined with ours (attended transfer, RFC 5589 §7). */
      readonly replaces?: Replaced;
      /** It wants to hear how it goes (RFC 4488). */
      readonly subscribe: boolean;
    }
  | { readonly type: "refused"; readonly status: 400 | 403 };

const refused = (status: 400 | 403): ReferTo => ({ type: "refused", status });

/** Reads a REFER: 400 where it is malformed, 403 where it asks for something else than a call to a number. */
export function referTo(request: SipRequest): ReferTo {
  const values = listOf(request, "refer-to");
  const [text] = values ?? [];
  const target = text === undefined || values?.length !== 1 ? undefined : parseNameAddr(text);
  if (!target) return refused(400);
  const subscribe = headerOf(request, "refer-sub")?.trim().toLowerCase() !== "false";
  const { uri } = target;
  const number = userOf(uri);
  if (number === "") return refused(403);
  if (uri.scheme === "other") return { type: "call", number, subscribe };
  if ((uri.params.get("method") ?? "INVITE").toUpperCase() !== "INVITE") return refused(403);
  const named = headerIn(uri, "replaces");
  const replaces = named === undefined ? undefined : parseReplaces(named);
  if (named !== undefined && !replaces) return refused(400);
  return { type: "call", number, subscribe, ...(replaces && { replaces }) };
}
