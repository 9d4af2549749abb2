import type { Migration } from "@sitebox/core/storage";
import { sync } from "./001-sync.ts";
import { calls } from "./002-calls.ts";
import { accounts } from "./003-accounts.ts";
import { tickets } from "./004-tickets.ts";
import { care } from "./005-care.ts";
import { callLegs } from "./006-call-legs.ts";
import { plan } from "./007-plan.ts";
import { wire } from "./008-wire.ts";
import { lines } from "./009-lines.ts";
import { lineMemory } from "./010-line-memory.ts";
import { ticketSaid } from "./011-ticket-said.ts";
import { testedLine } from "./012-tested-line.ts";
import { lineChanges } from "./013-line-changes.ts";

/** In order; a step that has shipped never changes. */
export const migrations: readonly Migration[] = [
  sync,
  calls,
  accounts,
  tickets,
  care,
  callLegs,
  plan,
  wire,
  lines,
  lineMemory,
  ticketSaid,
  testedLine,
  lineChanges,
];
