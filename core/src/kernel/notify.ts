import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

/** What systemd puts into the environment of a service (sd_notify(3), sd_watchdog_enabled(3)). */
export interface ServiceEnvironment {
  readonly NOTIFY_SOCKET?: string | undefined;
  /** Microseconds. */
  readonly WATCHDOG_USEC?: string | undefined;
}

export interface ServiceNotifierOptions {
  readonly environment: ServiceEnvironment;
  readonly clock: Clock;
  readonly log: Log;
  /** Asked before each sign of life; `false` or a failure keeps the sign back, and systemd restarts the service when that lasts. */
  readonly alive?: () => boolean | Promise<boolean>;
  /** The program that speaks to systemd. */
  readonly command?: string;
}

/** Tells systemd how the service is. Outside of systemd every call does nothing. */
export interface ServiceNotifier extends AsyncDisposable {
  /** The service is ready to be used; signs of life follow until the notifier is closed. */
  ready(): Promise<void>;
  /** One line for `systemctl status`. */
  status(text: string): Promise<void>;
}

/**
 * Node has no datagram sockets of the Unix kind, so `systemd-notify` carries the messages; the unit needs `NotifyAccess=all`.
 * It waits until systemd has read the message (BARRIER=1), so the sender cannot be gone before it is looked up.
 * A message that cannot be sent is logged: being watched is not worth a call.
 */
export function openServiceNotifier(options: ServiceNotifierOptions): ServiceNotifier {
  const { environment, clock, log, alive = () => true, command = "systemd-notify" } = options;
  const socket = environment.NOTIFY_SOCKET;
  const timeoutMs = Number(environment.WATCHDOG_USEC ?? 0) / 1_000;
  const closing = new AbortController();
  let signs: Promise<void> = Promise.resolve();

  const send = async (...messages: string[]) => {
    if (!socket) return;
    try {
      const child = spawn(command, messages, {
        stdio: "ignore",
        timeout: 5_000,
        env: { NOTIFY_SOCKET: socket, PATH: "/usr/bin:/bin" },
      });
      const [code] = (await once(child, "exit")) as [number | null];
      if (code !== 0) log.warn("systemd was not told", { messages, code });
    } catch (err) {
      log.warn("systemd was not told", { messages, err });
    }
  };

  // systemd advises half of the timeout; a third leaves room for a machine under load.
  const giveSigns = async () => {
    while (!closing.signal.aborted) {
      const lives = await Promise.resolve()
        .then(alive)
        .catch((err: unknown) => {
          log.error("the service could not say whether it is well", { err });
          return false;
        });
      if (lives) await send("WATCHDOG=1");
      else log.error("the service is not well, systemd is not given its sign of life", { timeoutMs });
      await clock.sleep(timeoutMs / 3, closing.signal).catch((reason: unknown) => {
        if (!closing.signal.aborted) throw reason;
      });
    }
  };

  return {
    async ready() {
      await send("READY=1");
      if (socket && timeoutMs > 0) signs = giveSigns();
    },
    status: (text) => send(`STATUS=${text.replaceAll("\n", " ")}`),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await signs;
      await send("STOPPING=1");
    },
  };
}
