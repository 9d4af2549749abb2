import { mask } from "@sitebox/core/kernel";

/** Digest responses (RFC 3261 §22), passwords of other schemes, and keys of SRTP in SDP (RFC 4568), which would open a recorded call. */
const SECRETS: readonly [RegExp, string][] = [
  [/^((?:proxy-)?authorization\s*:\s*digest\b.*)$/gim, "digest"],
  [/^((?:proxy-)?authorization\s*:\s*(?!digest\b)\S+\s+).*$/gim, "$1<removed>"],
  [/^(a=crypto:\S+ \S+ inline:)[^\r\n|]+/gim, "$1<removed>"],
  [/^(k=\S+?:)[^\r\n]+/gim, "$1<removed>"],
];
const DIGEST_SECRET = /\b(response|cnonce)\s*=\s*("[^"]*"|[^,\s]+)/gi;

/** The message without what would let somebody log in or decrypt. Bytes that are no text stay as they are. */
export function withoutSecrets(bytes: Uint8Array): Uint8Array {
  let text = Buffer.from(bytes).toString("latin1");
  const before = text;
  for (const [pattern, put] of SECRETS) {
    text =
      put === "digest"
        ? text.replace(pattern, (line) => line.replace(DIGEST_SECRET, '$1="<removed>"'))
        : text.replace(pattern, put);
  }
  return text === before ? bytes : Buffer.from(text, "latin1");
}

/** Lines whose display names are people's. */
const NAMED =
  /^((?:from|to|contact|f|t|m|p-asserted-identity|p-preferred-identity|remote-party-id|refer-to|referred-by|r|b|diversion)\s*:\s*)"[^"]*"/gim;
const USER = /\b((?:sips?|tel):)([^@;>\s,?]+)/gi;

/** The message for those who may not see whose numbers they are: users of addresses and display names masked, hosts left. */
export function withoutNumbers(text: string): string {
  return text.replace(NAMED, '$1"***"').replace(USER, (whole, scheme: string, user: string, offset: number, all: string) => {
    const isHost = scheme.toLowerCase() !== "tel:" && all[offset + whole.length] !== "@";
    return isHost ? whole : `${scheme}${maskUser(user)}`;
  });
}

/** Extensions and service numbers are no personal data. */
function maskUser(user: string): string {
  return user.replace(/\d/g, "").length < user.length && user.length >= 7 ? mask(user) : user;
}
