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
    // An analogue line knows no refusal, and these spans' telephones cannot be told a number while they ring (on-hook-transfer).
    testNamePattern: /^(?!.*(refused as|know both numbers))/,
    // The two ends are there once.
    fileParallelism: false,
  },
});
