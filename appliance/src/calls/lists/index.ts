export {
  ExtensionSwitches,
  type ExtensionSwitchesDeps,
  type ExtensionSwitchesEvents,
  openExtensionSwitches,
} from "./extension-switches.ts";
export { NumberLists, type NumberListsDeps, openNumberLists } from "./number-lists.ts";
export { listChanges } from "./plan-changes.ts";
