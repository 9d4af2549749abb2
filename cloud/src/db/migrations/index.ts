import type { Migration } from "@sitebox/core/storage";
import { fleet } from "./001-fleet.ts";
import { accounts } from "./002-accounts.ts";

/** In order; a step that has shipped never changes. */
export const migrations: readonly Migration[] = [fleet, accounts];
