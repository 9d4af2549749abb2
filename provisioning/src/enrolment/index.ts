export { type ClaimsClient, ClaimsError, openClaims } from "./claims-client.ts";
export { type CommandIo, runClaim } from "./command.ts";
