/** Names of commands that write a device's or a SIM's identity, by makers' manuals and by what circulates. */
const identity = /IMEI|IMSI=|EGMR|EPHYNUM|PHYNUM|QNVW|QNVFW|NVWR|NVWRITE|QCFG="?ESN|[+^*$%#](?:ESN|MEID)\b|C?GSN="?\d{10}|CIMI=/;
/** Ways to hide or change the number that the other end is shown (27.007 §7.7, 22.030 §6.5.2). */
const callerNumber = /\+CLIR=1|^D\*31#|^D#31#|^D.*I$/;

/**
 * Whether a command would change what a device or SIM is taken for, or hide the caller's number. Such commands are refused whoever asks: the law
 * forbids them (Anti-Telecom-Fraud Law, art. 14), and nothing of ours needs them. Case, spaces and chaining with ";" change nothing.
 */
export function isForbidden(command: string): boolean {
  const bare = command
    .replace(/[\s\0]/g, "")
    .toUpperCase()
    .replace(/^AT/, "");
  return (
    identity.test(bare) ||
    bare.split(";").some((one) => callerNumber.test(one.replace(/^AT/, "")) || callerNumber.test(`${one};`))
  );
}

/** Characters that would end a command and begin another behind our back. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
export const hasControlCharacters = (text: string): boolean => /[\x00-\x1f\x7f]/.test(text);
