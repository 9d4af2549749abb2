import { describeTexts } from "../../line/testing/index.ts";
import { ModemTextRig } from "./rig.testing.ts";

const claims = { reports: true, reopen: true, parts: true };

describeTexts("the texts of a modem", () => ModemTextRig.open(), claims);

describeTexts(
  "the texts of a modem that misbehaves",
  () =>
    ModemTextRig.open({
      misbehaviour: {
        splitLines: true,
        garbage: 0.2,
        interrupts: { chance: 0.3, lines: ["RING", "+CREG: 1", '+CMTI: "SM",99', "^RSSI: 20"] },
        late: 0.2,
        lateMs: 20,
        echoStays: true,
      },
    }),
  claims,
);
