/** What is known of a command before it is run: which lines are its answer, which end it, how long it may take. */
export interface CommandShape {
  /** Its own lines of information. */
  isInformation(line: string): boolean;
  /** The final result code (V.250 §5.7, 27.007 §4). */
  isFinal(line: string): boolean;
  /** Usual time until its end, ms. */
  readonly timeoutMs: number;
}

/** Lines that modems say by themselves. */
const unsolicited =
  /^(?:RING\b|\+CRING:|\+CLIP:|\+CCWA:|\+CMTI:|\+CMT:|\+CDSI?:|\+CBMI?:|\+C[EG]?REG:|\+CUSD:|\+CSSI:|\+CSSU:|\+CTZ[VE]\w*:|\+CIEV:|\+CME? ?SMS|MISSED_CALL|VOICE CALL:|\^CEND|\^CONN|\^CONF|\^ORIG|\^DSCI|\^RSSI|\^HCSQ|\^MODE|\^BOOT|\^SRVST|\^STIN|\^SIMST|\^NDISSTAT|\^DSFLOWRPT|\+QIND:|\+QUSIM:|\+QSIMSTAT|\+QTONEDET:|\+RXDTMF:|\+QPCMV:|\+CLCC:|\+DTMF:|RDY|APP RDY|SMS (?:READY|DONE)|CALL READY|PB DONE|SIM (?:READY|REMOVED|DROP)|\+CPIN:|\+CFUN:|POWERED DOWN|NORMAL POWER|\+QNITZ|\^DTMF|\+STIN|\+SIMCARD)/i;

const plainAnswers = /^(?:\+C?G(?:MI|MM|MR|SN)|\+CIMI|I\d?|\+CGSN=\d)$/i;
const callEnd = /^(?:NO CARRIER|BUSY|NO ANSWER|NO DIAL ?TONE)$/;
const usualFinal = /^(?:OK|ERROR|\+CM[ES] ERROR: ?.*|COMMAND NOT SUPPORT|TOO MANY PARAMETERS)$/;
/** Names under which answers come where they are not the command's own. */
const otherNames: Readonly<Record<string, string>> = { "+CICCID": "+ICCID" };

/** Times that differ from the usual one, by what has to be asked in the network. */
const slow: readonly (readonly [RegExp, number])[] = [
  [/^D/i, 60_000],
  [/^A$/i, 30_000],
  [/^\+COPS=/i, 180_000],
  [/^\+CMG[SW]/i, 60_000],
  [/^\+(?:CUSD|CCFC|CLCK|CCWA)/i, 30_000],
  [/^(?:\+CPIN=|\+CFUN=|\+CMGL|\+CMGD|\+CPMS|\+CNMI)/i, 15_000],
];

export const isUnsolicited = (line: string): boolean => unsolicited.test(line) || callEnd.test(line);

/** Whether a line ends a command; those that end calls are for D, A only. */
export function isFinal(line: string, calling = false): boolean {
  return usualFinal.test(line) || (calling && callEnd.test(line));
}

/** `usualMs`: the time of commands that the modem answers by itself. */
export function shapeOf(command: string, usualMs: number): CommandShape {
  const name = /^[+^*$%#&][A-Z0-9]+/i.exec(command)?.[0].toUpperCase() ?? "";
  const calling = /^[DA]/i.test(command);
  const timeoutMs = slow.find(([commands]) => commands.test(command))?.[1] ?? usualMs;
  return { isInformation: informationOf(command, name), isFinal: (line) => isFinal(line, calling), timeoutMs };
}

function informationOf(command: string, name: string): (line: string) => boolean {
  const own = `${otherNames[name] ?? name}:`;
  const isOwn = (line: string) => name !== "" && line.toUpperCase().startsWith(own);
  // +CREG: 1 is told, +CREG: 2,1 answers (27.007 §7.2); what was told in the meantime is not the answer.
  if (/^\+C[EG]?REG\?$/i.test(command)) return (line) => isOwn(line) && /: ?\d, ?\d/.test(line);
  if (plainAnswers.test(command)) return (line) => isOwn(line) || (isPlain(line) && !isUnsolicited(line));
  // Behind "=" only what nobody says by himself is an answer: +CUSD: after +CUSD= comes from the network.
  if (command.includes("="))
    return (line) => (isOwn(line) && !isUnsolicited(line)) || (/^\+CMG[LR]=/i.test(command) && isPdu(line));
  return (line) => isOwn(line) || (name === "" && isPlain(line) && !isUnsolicited(line)) || isBareNumber(command, line);
}

const isPdu = (line: string) => /^[0-9A-F]+$/i.test(line);
const isPlain = (line: string) => /^[\x20-\x7e]+$/.test(line) && !/^[+^][A-Z]+:/i.test(line);
/** Serial numbers of SIMs come without a name from some firmware. */
const isBareNumber = (command: string, line: string) => /CCID/i.test(command) && /^\d{18,20}[0-9A-F]?$/i.test(line);
