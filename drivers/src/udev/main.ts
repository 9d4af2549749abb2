/** Prints the box's udev rules: `node drivers/src/udev/main.ts > 70-sitebox-lines.rules`. */
import { fingerprints } from "../usb/index.ts";
import { udevRules } from "./rules.ts";

process.stdout.write(udevRules(fingerprints));
