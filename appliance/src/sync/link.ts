import { isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { type BoxStatus, Control, topics } from "@sitebox/core/contract";
import { Channel, type Clock, type Log } from "@sitebox/core/kernel";
import { MqttClient } from "mqtt";
import { faultOf, UplinkError } from "./fault.ts";

export interface LinkOptions {
  readonly url: string;
  readonly tenant: string;
  readonly box: string;
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
  /** What this connection announces itself with; its will says the same with `online: false`. */
  readonly status: BoxStatus;
  readonly clock: Clock;
  readonly log: Log;
}

/** One MQTT connection, from its birth to its end; a new one is opened for each attempt. */
export interface Link extends AsyncDisposable {
  /** Resolves with the PUBACK. Rejects when the connection ends first. */
  publish(topic: string, payload: Buffer): Promise<void>;
  /** What headquarters says; ends with the connection. */
  readonly controls: AsyncIterable<Control>;
  /** Resolves with the reason when the connection has ended. */
  readonly ended: Promise<UplinkError>;
}

const connectMs = 20_000;

/** Connects, listens to the box's own topics and announces it. @throws UplinkError */
export async function openLink({ url, tenant, box, tls, status, clock, log }: LinkOptions, signal: AbortSignal): Promise<Link> {
  signal.throwIfAborted();
  const topic = topics(tenant, box);
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  let failure: UplinkError | undefined;
  let reached: "nothing" | "tls" | "mqtt" = "nothing";
  const client = new MqttClient(
    () => {
      const socket = connectTls({ host, port: Number(port || 8883), ...tls, ...(isIP(host) ? {} : { servername: host }) });
      socket.once("secureConnect", () => {
        reached = "tls";
      });
      // The client passes on only some of a socket's errors, and none of TLS.
      socket.on("error", (error) => {
        failure ??= faultOf(error);
      });
      return socket;
    },
    {
      protocolVersion: 4,
      clientId: `${tenant}/${box}`,
      clean: true,
      keepalive: 60,
      reschedulePings: false,
      reconnectPeriod: 0,
      connectTimeout: connectMs,
      queueQoSZero: false,
      resubscribe: true,
      manualConnect: true,
      will: {
        topic: topic.status,
        payload: Buffer.from(JSON.stringify({ ...status, online: false })),
        qos: 1,
        retain: true,
      },
    },
  );
  const controls = new Channel<Control>();
  const ending = Promise.withResolvers<UplinkError>();
  client.on("error", (error) => {
    failure ??= faultOf(error);
  });
  client.on("close", () => {
    controls.close();
    // A TLS 1.3 client is done before the server has looked at its certificate; Node's server then hangs up without an alert.
    if (reached === "tls")
      failure ??= new UplinkError("not-authorised", "headquarters hung up: it does not accept this box's certificate any more");
    ending.resolve(failure ?? new UplinkError("closed", "the connection to headquarters was closed"));
    // With no reconnection of its own the client keeps waiting callbacks for ever unless it is told that this was all.
    client.end(true);
  });
  client.on("message", (_, payload) => {
    const control = read(payload);
    if (control) controls.push(control);
    else log.warn("headquarters said something that this version does not know", { bytes: payload.length });
  });
  const giveUp = () => {
    failure ??= new UplinkError("closed", "the box stops");
    client.end(true);
  };
  signal.addEventListener("abort", giveUp, { once: true });

  const connected = Promise.withResolvers<void>();
  client.once("connect", () => {
    reached = "mqtt";
    connected.resolve();
  });
  client.connect();
  const first = await Promise.race([connected.promise, ending.promise]);
  if (first instanceof UplinkError) {
    signal.removeEventListener("abort", giveUp);
    throw first;
  }
  const announce = (online: boolean) =>
    client.publishAsync(topic.status, Buffer.from(JSON.stringify({ ...status, online })), { qos: 1, retain: true });
  try {
    await client.subscribeAsync(topic.down, { qos: 1 });
    await announce(true);
  } catch (error) {
    client.end(true);
    throw failure ?? faultOf(error);
  } finally {
    // From here on whoever owns the link ends it, and says good-bye.
    signal.removeEventListener("abort", giveUp);
  }

  return {
    controls,
    ended: ending.promise,
    async publish(to, payload) {
      await client.publishAsync(to, payload, { qos: 1 });
    },
    async [Symbol.asyncDispose]() {
      // A good-bye, so that headquarters need not wait for the will; not worth more than a moment.
      if (client.connected) await Promise.race([announce(false).catch(() => undefined), ending.promise, clock.sleep(goodbyeMs)]);
      await client.endAsync(true);
      controls.close();
    },
  };
}

const goodbyeMs = 1_000;

function read(payload: Buffer): Control | undefined {
  try {
    return Control.parse(JSON.parse(payload.toString("utf8")));
  } catch {
    return undefined;
  }
}
