export { type Fingerprint, fingerprintOf, fingerprints } from "./fingerprints.ts";
export { openUsb, type Usb, type UsbDeps, type UsbModem, type UsbPort } from "./usb.ts";
