import type { Migration } from "@sitebox/core/storage";
import { sync } from "./001-sync.ts";
import { calls } from "./002-calls.ts";

/** In order; a step that has shipped never changes. */
export const migrations: readonly Migration[] = [sync, calls];
