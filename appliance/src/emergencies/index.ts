export { Emergencies, type EmergenciesDeps } from "./emergencies.ts";
