import { Channel } from "@sitebox/core/kernel";
import type { Digit, RtpPort, RtpPorts, RtpRemote } from "../../../line/index.ts";

const FIRST_PORT = 30_000;

/** A session without sound or sockets: it only remembers what was agreed. */
export class SilentRtpPort implements RtpPort {
  readonly localPort: number;
  readonly ssrc: number;
  readonly lost = new Promise<void>(() => {});
  readonly frames = new Channel<Int16Array>();
  readonly digits = new Channel<Digit>();
  /** What was agreed last. */
  remote: RtpRemote | undefined;
  open = true;

  constructor(port: number) {
    this.localPort = port;
    this.ssrc = port;
  }

  write(): void {}

  press(): void {}

  connect(remote: RtpRemote): void {
    if (!this.open) throw new Error("connected after it was closed");
    this.remote = remote;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.open = false;
    this.frames.close();
    this.digits.close();
  }
}

/** Ports for calls on a clock that the test moves; `opened` has every port there ever was. */
export function silentRtpPorts(): RtpPorts & { readonly opened: readonly SilentRtpPort[] } {
  const opened: SilentRtpPort[] = [];
  return {
    opened,
    async open() {
      const port = new SilentRtpPort(FIRST_PORT + 2 * opened.length);
      opened.push(port);
      return port;
    },
  };
}
