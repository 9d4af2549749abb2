import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** The driver against the kernel's DAHDI modules; `make test-dahdi` runs it, `make test` does not. */
export default defineConfig({
  test: {
    name: "dahdi",
    root: fileURLToPath(new URL(".", import.meta.url)),
    include: ["*.rig.ts"],
    globalSetup: "virtual-machine.ts",
    testTimeout: 60_000,
    // The two ends are there once.
    fileParallelism: false,
  },
});
