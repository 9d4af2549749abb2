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
    // A telephone's port cannot be told a number while it rings here, and takes the moment by which an analogue line refuses for an answer.
    testNamePattern: /^(?!.*a telephone's port .*(refused as|know both numbers))/,
    // The two ends are there once.
    fileParallelism: false,
  },
});
