export { type HelpDeps, seekHelp } from "./help.ts";
export { type MailboxPlayerDeps, type MailboxReader, playMailbox } from "./mailbox-player.ts";
export { page } from "./paging.ts";
export { type ParkedCallDeps, type Parking, waitParked } from "./parked-call.ts";
export { ParkingLot, type ParkingSlot } from "./parking-lot.ts";
export { takeMessage, type VoiceMessageDeps } from "./voice-message.ts";
