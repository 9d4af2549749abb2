export { applyBoxPush, type BoxState, emptyBoxState } from "./box-state.ts";
export { applyFieldPush, emptyFieldState, type FieldState, isNewJob, type Job, project } from "./field-state.ts";
export {
  activeAlarms,
  applyFleetPush,
  compareBoxes,
  emptyFleetState,
  type FleetState,
  type FleetTotals,
  totalsOf,
} from "./headquarters-state.ts";
export { Outbox, type OutboxDeps, type RefusedCommand, type Sent, type WaitingCommand } from "./outbox.ts";
export { openSession, type Session, type SessionOptions, type SessionState } from "./session.ts";
export { type Loading, openStore, type Store, type StoreOptions } from "./store.ts";
