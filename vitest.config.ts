import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Many tests wait for sound at its own pace: one worker would leave the other processors idle.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          name: "node",
          include: ["{core,drivers,appliance,cloud,provisioning,bench,tools}/src/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      { test: { name: "ui", include: ["ui/src/**/*.test.ts"], environment: "node" } },
      {
        test: {
          name: "scenario",
          include: ["test/src/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
