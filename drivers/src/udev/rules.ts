import type { Fingerprint } from "../usb/index.ts";

const HEAD = `# Made from drivers/src/usb/fingerprints.ts: a modem that is to be known is a row there.
# The box's user is in the group dialout, which owns serial ports already.
ACTION=="remove", GOTO="sitebox_end"

# Telephony cards (DAHDI), whatever user its own rules name.
SUBSYSTEM=="dahdi", GROUP="dialout", MODE="0660"
SUBSYSTEM=="dahdi_channels", GROUP="dialout", MODE="0660"

SUBSYSTEM!="usb", GOTO="sitebox_end"
ENV{DEVTYPE}!="usb_device", GOTO="sitebox_end"
`;

/** ModemManager would talk between, a modem that sleeps misses calls, and one that hangs is switched off and on by the box (in Usb.powerCycle). */
const TAIL = `ENV{SITEBOX_MODEM}!="?*", GOTO="sitebox_end"
ENV{ID_MM_DEVICE_IGNORE}="1"
TEST=="power/control", ATTR{power/control}="on"
RUN+="/bin/chgrp dialout $sys$devpath/authorized"
RUN+="/bin/chmod g+w $sys$devpath/authorized"

LABEL="sitebox_end"
`;

/** What udev is told about the modems that we know and about telephony cards, as a rule file (udev(7)). */
export function udevRules(fingerprints: readonly Fingerprint[]): string {
  const lines = fingerprints.map(({ usbId, model, profile }) => {
    const [vendor = "", product = ""] = usbId.split(":");
    return `# ${model}\nATTR{idVendor}=="${vendor}", ATTR{idProduct}=="${product}", ENV{SITEBOX_MODEM}="${profile}"\n`;
  });
  return [HEAD, ...lines, TAIL].join("\n");
}
