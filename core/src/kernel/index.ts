export { type Clock, systemClock } from "./clock.ts";
export { ConfigError, parseConfig, readConfigFile } from "./config-file.ts";
export { type Log, type LogFields, type LogLevel, mask, openLog, silentLog } from "./log.ts";
export { openServiceNotifier, type ServiceEnvironment, type ServiceNotifier, type ServiceNotifierOptions } from "./notify.ts";
export { type Backoff, backoffMs, retry } from "./retry.ts";
export { Channel } from "./streams.ts";
export { type SuperviseOptions, supervise } from "./supervise.ts";
