import { fileURLToPath } from "node:url";

/** Where a helper listens for each who connects, as long as the virtual machine runs. */
export const helperSocket = fileURLToPath(new URL("../../../../.cache/dahdi-vm/helper.sock", import.meta.url));
