import { expect, test } from "vitest";
import { modemProfiles } from "../modem/index.ts";
import { isAllowed } from "./allowed.ts";

/** As they stand in makers' manuals, and as they circulate. */
const identity = [
  ...['+EGMR=1,7,"860123456789012"', '+egmr=1,7,"860123456789012"', "+ EGMR = 1 , 7", 'AT+EGMR=1,7,""', "+CSQ;+EGMR=1,7"],
  ...["+CSQ;AT+EGMR=1,7", "+SIMEI=860123456789012", "+SIMEI?", "^IMEI=860123456789012", "*IMEI=860123456789012", "+CIMEI=8601"],
  ...[
    "#IMEI=1",
    "+MODIMEI=1",
    "^CIMEI=1",
    '+QCFG="imei","860123456789012"',
    '+QCFG="IMEI"',
    '+qcfg = "imei/en",1',
    '+QCFG="usbcfg"',
  ],
  ...[
    '+QNVW=550,0,"0880"',
    '+QNVFW="/nv/item_files/x",00',
    "^NVWR=550,9",
    "^NVWREX=550,1",
    "+NVWRITE=550",
    "^NVW=550",
    "$QCNVW=550",
  ],
  ...[
    "+NVRW=1,550",
    "+SN=1",
    "^PHYNUM=IMEI,8601",
    "+GSN=860123456789012",
    '+CGSN="860123456789012"',
    '+CGSN=0,"860123456789012"',
  ],
  ...["+ESN=1", "^MEID=1", "+CIMI=460001234567890", "+CRSM=214,28423,0,0,9,0849061032547698F0", '+CSIM=14,"00A40004026F07"'],
  ...["+CPOL=1", "+CFUN=1,1", "+CLCK=1", '+CPWD="SC","1234","0000"', "^CPIN=1234"],
];

const shownNumber = [
  ...["+CLIR=1", "+CLIR=01", '+CLIR="1"', "+CLIR=2", "+CSQ;+CLIR=1", "D*31#13800000000;", "D#31#13800000000;", "D13800000000I;"],
  ...[
    "D13800000000i;",
    "d13800000000;",
    "D13800000000",
    "D13800000000G;",
    "D**21*13800000000#;",
    "D>1;",
    "D10086;+CLIR=1",
    "DL;",
  ],
  ...['+CCFC=0,3,"13800000000"', "+COLR?", '+CUSD=1,"*31#"', '+CUSD=1,"*100#",15;+CLIR=1', '+CUSD=1,"1",15\r', "+CHLD=4"],
];

test.for([...identity, ...shownNumber, "+CSQ\r", "+CSQ\0", " +CSQ", "+csq", "AT+CSQ", "+CMGS=1,2", "+CPIN=1234,0000"])(
  "%j is never said",
  (command) => {
    expect(isAllowed(command)).toBe(false);
  },
);

test.for([
  ...["", "+CSQ", "+CGSN", "+CIMI", "E0", "+CMEE=1", "D10086;", "D13800000000;", "D+8613800000000;", "A", "H", "+CHUP", "+VTS=#"],
  ...[
    "+CMGS=23",
    "+CMGR=0",
    "+CMGD=254",
    "+CNMI=2,1,0,2,0",
    '+CPMS="ME","ME","ME"',
    '+CUSD=1,"*100#",15',
    "+CUSD=2",
    "+CPIN=1234",
  ],
  ...['+CUSD=1,"002A0031003000300023",15', '+CUSD=1,"AA180C3602",15'],
])("%j is said", (command) => {
  expect(isAllowed(command)).toBe(true);
});

test("what profiles say is said", () => {
  const commands = modemProfiles.flatMap(({ init, voice: { before, up, after, hangUp } }) => [
    ...init.map(({ command }) => command),
    ...[...before, ...up, ...after, hangUp],
  ]);
  expect(commands.filter((command) => !isAllowed(command))).toEqual([]);
});
