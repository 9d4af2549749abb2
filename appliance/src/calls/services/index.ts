export { type MailboxPlayerDeps, type MailboxReader, playMailbox } from "./mailbox-player.ts";
export { page } from "./paging.ts";
export { ParkingLot, type ParkingSlot } from "./parking-lot.ts";
