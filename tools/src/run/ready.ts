import { z } from "zod";

/**
 * The one line of JSON that a server prints on standard output when it is ready to be used:
 * `{"ready":"box","url":"http://…","sip":"sip:…","notes":["…"]}`. Everything else that it prints is log.
 */
export const Ready = z.object({
  ready: z.string(),
  url: z.string().optional(),
  sip: z.string().optional(),
  /** What a person must know now: extension accounts, one-time passwords. */
  notes: z.array(z.string()).default([]),
});
export type Ready = z.infer<typeof Ready>;

const LogLine = z.object({ level: z.number(), msg: z.string(), scope: z.string().optional() });

export type Line =
  | { readonly type: "ready"; readonly ready: Ready }
  | { readonly type: "error"; readonly text: string }
  | { readonly type: "log" };

/** Pino's number of the level "error". */
const ERROR_LEVEL = 50;

/** What a line of a server's output is: the readiness line, an error that a person should see at once, or log. */
export function readLine(line: string): Line {
  if (!line.startsWith("{")) return { type: "log" };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { type: "log" };
  }
  const ready = Ready.safeParse(value);
  if (ready.success) return { type: "ready", ready: ready.data };
  const entry = LogLine.safeParse(value);
  if (!entry.success || entry.data.level < ERROR_LEVEL) return { type: "log" };
  return { type: "error", text: entry.data.scope ? `${entry.data.scope}: ${entry.data.msg}` : entry.data.msg };
}

/** Chinese characters take two columns of a terminal. */
function padded(text: string): string {
  const columns = [...text].reduce((sum, character) => sum + (/\p{Script=Han}/u.test(character) ? 2 : 1), 0);
  return text + " ".repeat(Math.max(1, 22 - columns));
}

/** What is printed when the servers are ready. */
export function welcome(
  parts: readonly { readonly label: string; readonly ready: Ready }[],
  logFiles: readonly string[],
): string {
  const rows = parts.flatMap(({ label, ready }) => [
    ...(ready.url ? [`  ${padded(label)}${ready.url}`] : []),
    ...(ready.sip ? [`  ${padded("SIP")}sip:${ready.sip.replace(/^sip:/, "")}`] : []),
  ]);
  const notes = parts.flatMap(({ ready }) => ready.notes).map((note) => `  ${note}`);
  return [
    "",
    "Sitebox is running. 系统已启动。",
    "",
    ...rows,
    "",
    ...notes,
    ...(notes.length > 0 ? [""] : []),
    `  Logs 日志: ${logFiles.join(" ")}    Ctrl-C stops both. 按 Ctrl-C 停止。`,
    "",
  ].join("\n");
}
