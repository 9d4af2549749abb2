import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** Programs that the set-up builds, and the built pages: they stand where the checkout (or the installed box) has them. */
export const programs = {
  recogniser: join(root, ".cache/native/sitebox-pocketsphinx"),
  cardHelper: join(root, ".cache/native/sitebox-dahdi"),
  mediaWorker: join(root, ".cache/mediasoup-worker/mediasoup-worker"),
  pages: join(root, "ui/dist"),
} as const;
