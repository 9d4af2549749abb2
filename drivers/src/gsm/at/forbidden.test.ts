import { expect, test } from "vitest";
import { isForbidden } from "./index.ts";

test.for([
  ...[
    '+EGMR=1,7,"860123456789012"',
    '+egmr=1,7,"860123456789012"',
    "+ EGMR = 1 , 7",
    'AT+EGMR=1,7,""',
    "+CSQ;+EGMR=1,7",
    "+CSQ;AT+EGMR=1,7",
  ],
  ...[
    "+SIMEI=860123456789012",
    "+SIMEI?",
    "^IMEI=860123456789012",
    "*IMEI=860123456789012",
    "+CIMEI=8601",
    "#IMEI=1",
    "+MODIMEI=1",
    "^CIMEI=1",
  ],
  ...[
    '+QCFG="imei","860123456789012"',
    '+QCFG="IMEI"',
    '+qcfg = "imei/en",1',
    '+QNVW=550,0,"0880"',
    '+QNVFW="/nv/item_files/x",00',
    "^NVWR=550,9",
  ],
  ...[
    "^NVWREX=550,1",
    "+NVWRITE=550",
    "^PHYNUM=IMEI,8601",
    "+GSN=860123456789012",
    '+CGSN="860123456789012"',
    "+ESN=1",
    "^MEID=1",
    "+CIMI=460001234567890",
  ],
  ...["+CLIR=1", "+CSQ;+CLIR=1", "D*31#13800000000;", "D#31#13800000000;", "D13800000000I;", "d13800000000i"],
])("%s is refused", (command) => {
  expect(isForbidden(command)).toBe(true);
});

test.for([
  ...[
    "",
    "+CSQ",
    "+CGSN",
    "+GSN",
    "+CGSN=1",
    "+CIMI",
    "I",
    "E0",
    "+CMEE=1",
    "D10086;",
    "D13800000000;",
    "A",
    "H",
    "+CHUP",
    "+CLIP=1",
    "+CLIR=0",
  ],
  ...['+QCFG="usbcfg"', "+QPCMV=1,0", "+CMGS=23", "+CNMI=2,1,0,2,0", '+CUSD=1,"*100#",15', "^CURC=1", "+CPIN=1234", "+QINISTAT"],
])("%s is allowed", (command) => {
  expect(isForbidden(command)).toBe(false);
});
