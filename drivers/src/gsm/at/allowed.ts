/** What is said to modems as it stands, by what it is for. */
const fixed: ReadonlySet<string> = new Set([
  // The modem, and what it tells.
  ...["", "E0", "+CMEE=1", "+CMEE?", "+CGMI", "+CGMM", "+CGMR", "+CGSN", '+CSCS="UCS2"', '+CSCS="GSM"'],
  // The SIM.
  ...["+CPIN?", "+QPINC?", "+SPIC", "+CPINR", "^CPIN?", "+QSIMSTAT=1", "+QCCID", "+CICCID", "^ICCID?", "+CCID", "+CIMI", "+CNUM"],
  // The network.
  ...["+CREG=2", "+CREG?", "+CEREG=2", "+CEREG?", "+CSQ", "+COPS=3,0", "+COPS?", "+CUSD=2", "^CURC=1"],
  // Calls and their sound.
  ...["A", "H", "+CHUP", "+CHLD=0", "+CLIP=1", "+CRC=0", "+CLCC", "+CLCC=1", "+CEER", '+QINDCFG="ccinfo",1,0', "^DSCI=1"],
  ...["+QTONEDET=1", "+DDET=1", "+QPCMV=0", "+QPCMV=1,0", '+QGPSCFG="outport","none"', "+CPCMFRM=0", "+CPCMREG=0", "+CPCMREG=1"],
  "^DDSETEX=2",
  // Texts.
  ...["+CMGF=0", "+CSMS=1", "+CMGL=4", "+CNMA", "+CPMS=?", "+CPMS?"],
]);

/** What is said with values of the moment, each in the one form in which it is said. */
const forms: readonly RegExp[] = [
  // A number and nothing else: no order behind * and #, no "I" that hides the caller's number (27.007 §6.2, §7.7).
  /^D\+?\d{1,25};$/,
  /^\+VTS=[0-9A-D*#]$/,
  // *** is what a recording has in its place.
  /^\+CPIN=(?:\d{4,8}|\*{3})$/,
  // The code is looked at before it is encoded, as nobody can see what it is afterwards.
  /^\+CUSD=1,"[0-9A-F*#+]{1,160}",15$/,
  /^\+CMGS=\d{1,3}$/,
  /^\+CMG[RD]=\d{1,5}$/,
  /^\+CNMI=\d(?:,\d){4}$/,
  /^\+CPMS="[A-Z]{2}"(?:,"[A-Z]{2}","[A-Z]{2}")?$/,
];

/**
 * Whether a modem is told this at all. Only what is listed here is ever said, in exactly these forms, whoever asks: so no spelling of a maker's own
 * changes what a device or SIM is taken for or hides the caller's number, which the law forbids (Anti-Telecom-Fraud Law, art. 14).
 */
export const isAllowed = (command: string): boolean => fixed.has(command) || forms.some((form) => form.test(command));

/** The PDU of a text: in nothing else can something be hidden that ends it and begins a command. */
export const isPayload = (payload: string): boolean => /^[0-9A-F]+$/i.test(payload);
