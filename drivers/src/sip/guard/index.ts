export { type Ban, type BanKind, Guard, type GuardDeps } from "./guard.ts";
