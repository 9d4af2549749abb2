import { pino } from "pino";

/**
 * Constant message, fields beside it. Telephone numbers, names, speech and transcripts go under `pii` and nowhere else:
 * what is there is masked before it is written.
 */
export interface LogFields {
  readonly pii?: Readonly<Record<string, string | undefined>>;
  readonly err?: unknown;
  readonly [field: string]: unknown;
}

export interface Log {
  child(scope: string, fields?: LogFields): Log;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** `13812345678` → `138****5678`; anything shorter than seven characters becomes its length only. */
export function mask(value: string): string {
  return value.length < 7 ? `<${value.length}>` : `${value.slice(0, 3)}****${value.slice(-4)}`;
}

interface Writer {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

function over(writer: Writer, scope: string, bound: LogFields): Log {
  const write = (level: keyof Writer, message: string, fields: LogFields = {}) => {
    const { pii, ...rest } = { ...bound, ...fields };
    const masked = pii && Object.fromEntries(Object.entries(pii).map(([key, text]) => [key, text && mask(text)]));
    writer[level]({ scope, ...rest, ...(masked && { pii: masked }) }, message);
  };
  return {
    child: (name, fields) => over(writer, scope === "" ? name : `${scope}.${name}`, { ...bound, ...fields }),
    debug: (message, fields) => write("debug", message, fields),
    info: (message, fields) => write("info", message, fields),
    warn: (message, fields) => write("warn", message, fields),
    error: (message, fields) => write("error", message, fields),
  };
}

/** Opens the process's log: one JSON object a line, on standard output or appended to `file`. */
export function openLog(options: { level?: LogLevel; file?: string } = {}): Log {
  const settings = { level: options.level ?? "info", base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const writer = options.file
    ? pino(settings, pino.destination({ dest: options.file, mkdir: true, sync: true }))
    : pino(settings);
  return over(writer, "", {});
}

const nothing = () => {};
/** For tests and tools that print something else. */
export const silentLog: Log = { child: () => silentLog, debug: nothing, info: nothing, warn: nothing, error: nothing };
