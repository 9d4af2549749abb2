/** What proves who somebody is (RFC 3261 §22), and keys of SRTP in SDP (RFC 4568), which would open a recorded call. */
const SECRETS: readonly RegExp[] = [/^((?:proxy-)?authorization\s*:\s*)[^\r\n]*/gim, /^(a=crypto:\S+ \S+ inline:)[^\r\n|]+/gim];

/** A message without its secrets, to be shown to people. */
export function withoutSecrets(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1");
  const shown = SECRETS.reduce((rest, secret) => rest.replace(secret, "$1***"), text);
  return shown === text ? bytes : Buffer.from(shown, "latin1");
}
