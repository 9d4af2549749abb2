export { eventPackages, type Presence } from "./packages.ts";
export { type NotifierLink, Subscriptions, type SubscriptionsDeps } from "./subscriptions.ts";
