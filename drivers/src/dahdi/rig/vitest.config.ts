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
    // An emulated machine now and then stands still for a second.
    retry: 1,
    // An analogue line refuses by answering for a moment. Through the kernel, which waits 1.25 s to tell a hang-up from a flash, the exchange's busy
    // tone is known later than the driver takes silence for an answer. Nor can these spans' telephones be told a number while they ring.
    testNamePattern: /^(?!.*refused as|a telephone's port .*know both numbers)/,
    // The two ends are there once.
    fileParallelism: false,
  },
});
