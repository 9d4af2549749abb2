export { namesOf, type Peer } from "./access.ts";
export { type Broker, type BrokerCounters, type BrokerDeps, type Ingress, openBroker } from "./broker.ts";
