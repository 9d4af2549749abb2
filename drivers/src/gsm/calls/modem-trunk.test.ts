import { describeTrunk } from "../../line/testing/index.ts";
import { ModemRig } from "./rig.testing.ts";

describeTrunk("calls of a scripted modem", async () => {
  const rig = await ModemRig.open();
  const [caller, called] = await Promise.all([rig.trunk({ number: "8009" }), rig.trunk({ number: "13900000002" })]);
  return {
    caller,
    called,
    number: "13900000002",
    nobody: "13900000003",
    press: async (leg, digit) => leg.press([digit]),
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
});
