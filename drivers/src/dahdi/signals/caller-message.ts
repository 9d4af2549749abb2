/** Who calls, as the exchange says before the answer. Personal data. */
export interface CallerNumber {
  /** Empty where it is withheld or not known. */
  readonly number: string;
  readonly withheld?: "private" | "unavailable";
}

/** Multiple (MDMF) and single (SDMF) data message format: Bellcore GR-30, which YD/T 1277 takes over. */
export type CallerMessageForm = "mdmf" | "sdmf";

const TYPES = { mdmf: 0x80, sdmf: 0x04 } as const;
const PARAMETERS = { dateAndTime: 0x01, number: 0x02, noNumber: 0x04 } as const;
const LETTERS = { private: "P", unavailable: "O" } as const;
/** Of an SDMF message: month, day, hour and minute, two digits each. */
const TIME_DIGITS = 8;

/** The byte that makes the sum of all a multiple of 256. */
const checksum = (bytes: readonly number[]) => (256 - (bytes.reduce((sum, byte) => sum + byte, 0) & 255)) & 255;

const codes = (text: string) => [...Buffer.from(text, "latin1")];

/** Whether a message may begin with this byte. */
export const beginsMessage = (byte: number) => byte === TYPES.mdmf || byte === TYPES.sdmf;

/** The whole message: type, length, content, checksum. `time` is MMDDhhmm. */
export function encodeCallerMessage(caller: CallerNumber, time: string, form: CallerMessageForm = "mdmf"): readonly number[] {
  const letter = caller.withheld ? LETTERS[caller.withheld] : caller.number === "" ? LETTERS.unavailable : undefined;
  const parameter = (type: number, text: string) => [type, text.length, ...codes(text)];
  const content =
    form === "sdmf"
      ? codes(`${time}${letter ?? caller.number}`)
      : [
          ...parameter(PARAMETERS.dateAndTime, time),
          ...(letter ? parameter(PARAMETERS.noNumber, letter) : parameter(PARAMETERS.number, caller.number)),
        ];
  const bytes = [TYPES[form], content.length, ...content];
  return [...bytes, checksum(bytes)];
}

/** Reads a whole message. Undefined where its checksum is wrong or it does not tell about a number. */
export function decodeCallerMessage(bytes: readonly number[]): CallerNumber | undefined {
  const [type, length = 0, ...rest] = bytes;
  if (rest.length !== length + 1 || checksum(bytes) !== 0) return undefined;
  const content = rest.slice(0, length);
  if (type === TYPES.sdmf) return callerOf(Buffer.from(content.slice(TIME_DIGITS)).toString("latin1"));
  if (type !== TYPES.mdmf) return undefined;
  for (let at = 0; at + 1 < content.length; at += 2 + (content[at + 1] ?? 0)) {
    const parameter = content[at];
    const text = Buffer.from(content.slice(at + 2, at + 2 + (content[at + 1] ?? 0))).toString("latin1");
    if (parameter === PARAMETERS.number || parameter === PARAMETERS.noNumber) return callerOf(text);
  }
  return undefined;
}

function callerOf(text: string): CallerNumber {
  if (text === LETTERS.private) return { number: "", withheld: "private" };
  const number = text.trim();
  // A number is as the exchange says it, or it is none: nothing is corrected.
  return /^\+?[0-9*#]{1,32}$/.test(number) ? { number } : { number: "", withheld: "unavailable" };
}
