import { type EventEmitter, once } from "node:events";
import type { Socket } from "node:net";
import { createServer, TLSSocket } from "node:tls";
import { BoxStatus, type Control, Hello, MAX_BATCH_BYTES, type SyncBatch, topics } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { Aedes, type Client } from "aedes";
import { listen } from "../net/index.ts";
import { maySubscribe, namesOf, type Peer, publishing, refusal } from "./access.ts";
import { LengthGuard } from "./length-guard.ts";
import { batchOf, textOf } from "./payload.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What comes in, for those who keep it. Whatever resolves here is acknowledged to the box; whatever rejects is sent again by it. */
export interface Ingress {
  /** Why this certificate is not let in, or undefined. */
  refused(peer: Peer): Promise<string | undefined>;
  batch(batch: SyncBatch): Promise<void>;
  hello(hello: Hello): Promise<void>;
  status(box: string, status: BoxStatus): Promise<void>;
  malformed(letter: { box: string; source: string; reason: string; payload: string }): Promise<void>;
}

export interface BrokerDeps {
  readonly host: string;
  readonly port: number;
  readonly tenant: string;
  /** `ca` is who signs boxes; `cert` is the server's chain with the root, which boxes that pin it look for. */
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string };
  readonly ingress: Ingress;
  readonly clock: Clock;
  readonly log: Log;
  /** How many connections may come at once, before their handshakes are paid for. */
  readonly connections?: { readonly burst: number; readonly perSecond: number };
}

export interface BrokerCounters {
  /** Connections turned away: by the bucket, by TLS, by name or deny-list. */
  readonly refusedConnections: number;
  /** Messages on topics that their sender may not use: the connection ends. */
  readonly refusedTopics: number;
  /** Messages on topics of their sender that this version does not know. */
  readonly unknownTopics: number;
  readonly malformedPayloads: number;
}

export interface Broker extends AsyncDisposable {
  readonly port: number;
  readonly counters: BrokerCounters;
  /** Says something to a box, if it is connected. */
  tell(box: string, control: Control): void;
  /** Ends a box's connection. */
  disconnect(box: string): void;
}

interface Session {
  readonly peer: Peer;
  /** Why its certificate opens nothing: told to it in the CONNACK. */
  readonly denied: string | undefined;
  /** How it announced itself; a later end of the connection is the end of this. */
  status?: BoxStatus;
}

/** MQTT 3.1.1 3.2.2.3 */
const notAuthorised = 5;
/** A batch and its topic, with room for a newer box's idea of both. */
const mostMessageBytes = 2 * MAX_BATCH_BYTES + 1_024;
const refuse = (reason: string) => new Error(reason);

/** MQTT 3.1.1 over mutual TLS. What boxes send is committed inside `authorizePublish`, which is before aedes sends the PUBACK. */
export async function openBroker(deps: BrokerDeps): Promise<Broker> {
  await using opening = new AsyncDisposableStack();
  const { ingress, tenant, clock } = deps;
  const log = deps.log.child("broker");
  const counters = { refusedConnections: 0, refusedTopics: 0, unknownTopics: 0, malformedPayloads: 0 };
  const sessions = new WeakMap<Client, Session>();
  const connected = new Map<string, Client>();
  const bucket = new TokenBucket(clock, deps.connections ?? { burst: 500, perSecond: 100 });
  let stopping = false;

  async function admit(client: Client, packet: { clientId: string; clean?: boolean; will?: { topic: string } }): Promise<void> {
    const certificate = client.conn instanceof TLSSocket ? client.conn.getPeerCertificate() : undefined;
    const names = namesOf(certificate?.subject?.CN);
    if (!certificate || !names || names.tenant !== tenant) throw refuse("the certificate names no box of this tenant");
    const peer = { ...names, serial: certificate.serialNumber };
    const reason = refusal(peer, { clientId: packet.clientId, clean: packet.clean ?? false, will: packet.will });
    if (reason !== undefined) throw refuse(`${peer.box}: ${reason}`);
    sessions.set(client, { peer, denied: await ingress.refused(peer) });
  }

  /** Parses with the given reader; what it cannot read is put aside, and that is as good as taken. */
  async function understood<T>(peer: Peer, topic: string, payload: Buffer, read: (text: string) => T): Promise<T | undefined> {
    try {
      return read(await textOf(payload));
    } catch (error) {
      counters.malformedPayloads++;
      const reason = error instanceof Error ? error.message : String(error);
      await ingress.malformed({ box: peer.box, source: topic, reason, payload: payload.toString("latin1") });
      return undefined;
    }
  }

  async function take(client: Client | null, packet: { topic: string; payload: string | Buffer }): Promise<void> {
    const session = client && sessions.get(client);
    if (!session) throw refuse("nobody known is publishing");
    const { peer } = session;
    const { topic } = packet;
    const payload = Buffer.from(packet.payload);
    const what = publishing(peer, topic);
    switch (what.type) {
      case "refused":
        counters.refusedTopics++;
        log.warn("a topic is refused", { box: peer.box, topic: topic.slice(0, 128), reason: what.reason });
        throw refuse(what.reason);
      case "unknown":
        counters.unknownTopics++;
        log.warn("a message on an unknown topic is dropped", { box: peer.box, topic });
        return;
      case "batch": {
        const batch = await understood(peer, topic, payload, (text) => batchOf(text, peer.box, what.cls));
        return batch && (await ingress.batch(batch));
      }
      case "hello": {
        const hello = await understood(peer, topic, payload, (text) => Hello.parse(JSON.parse(text)));
        if (!hello) return;
        if (hello.box === peer.box) return await ingress.hello(hello);
        throw refuse("the hello is of another box");
      }
      case "status": {
        const status = await understood(peer, topic, payload, (text) => BoxStatus.parse(JSON.parse(text)));
        // Our own end closes every connection: that says nothing about the boxes.
        if (!status || stopping) return;
        if (status.online) session.status = status;
        return await ingress.status(peer.box, status);
      }
    }
  }

  const broker = await Aedes.createBroker({
    concurrency: 1_000,
    drainTimeout: 30_000,
    keepaliveLimit: 300,
    maxTopicLevels: 8,
    connectTimeout: 10_000,
    maxInflightInbound: 100,
    preConnect: (client, packet, done) => {
      admit(client, packet).then(
        () => done(null, true),
        (error: Error) => {
          counters.refusedConnections++;
          log.warn("a connection is refused", { reason: error.message });
          done(error, false);
        },
      );
    },
    authenticate: (client, _name, _password, done) => {
      const session = sessions.get(client);
      if (session && session.denied === undefined) return done(null, true);
      counters.refusedConnections++;
      log.warn("a certificate is refused", { box: session?.peer.box, serial: session?.peer.serial, reason: session?.denied });
      return done(Object.assign(refuse(session?.denied ?? "unknown"), { returnCode: notAuthorised }), null);
    },
    authorizePublish: (client, packet, done) => {
      if (packet.qos === 2) return done(refuse("quality of service 2 is not used here"));
      take(client, packet).then(
        () => done(null),
        (error: Error) => {
          if (!stopping) log.warn("a message is not taken", { topic: packet.topic.slice(0, 128), err: error });
          done(error);
        },
      );
    },
    authorizeSubscribe: (client, subscription, done) => {
      const session = sessions.get(client);
      if (session && maySubscribe(session.peer, subscription.topic)) return done(null, subscription);
      counters.refusedTopics++;
      log.warn("a subscription is refused", { box: session?.peer.box, topic: subscription.topic.slice(0, 128) });
      return done(refuse("the subscription is another's"));
    },
  });
  // Before the CONNACK: what it says first may be answered already.
  opening.defer(() => new Promise<void>((resolve) => broker.close(() => resolve())));
  broker.on("client", (client) => {
    const session = sessions.get(client);
    if (session) connected.set(session.peer.box, client);
  });
  broker.on("clientDisconnect", (client) => {
    const session = sessions.get(client);
    if (!session) return;
    if (connected.get(session.peer.box) === client) connected.delete(session.peer.box);
    if (!session.status || stopping) return;
    // The will says the same and comes first; this is for a connection that ended without one.
    ingress
      .status(session.peer.box, { ...session.status, online: false })
      .catch((err: unknown) => log.error("the end of a connection cannot be noted", { box: session.peer.box, err }));
  });
  for (const event of ["clientError", "connectionError"] as const)
    broker.on(event, (client, err) => log.info("a connection failed", { box: sessions.get(client)?.peer.box, err: err.message }));
  const emitter: EventEmitter = broker;
  emitter.on("error", (err: Error) => log.error("the broker reports an error", { err }));

  const server = createServer({ ...deps.tls, requestCert: true, rejectUnauthorized: true, minVersion: "TLSv1.2" });
  const sockets = new Set<Socket>();
  server.prependListener("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    if (bucket.take()) return;
    counters.refusedConnections++;
    log.warn("too many connections at once, one is turned away", { address: socket.remoteAddress });
    socket.destroy();
  });
  server.on("tlsClientError", (err, socket) => {
    counters.refusedConnections++;
    // A certificate that does not verify is told by the socket only.
    const reason = socket.authorizationError ?? err.message;
    log.warn("a stranger is refused", { address: socket.remoteAddress, reason });
  });
  server.on("secureConnection", (socket) => {
    guard(socket, () => {
      counters.refusedConnections++;
      log.warn("a message is too long, its connection ends", { box: namesOf(socket.getPeerCertificate().subject?.CN)?.box });
    });
    broker.handle(socket);
  });
  const port = await listen(server, deps, "mqtt.port");
  opening.defer(() => {
    stopping = true;
    server.close();
  });
  const owned = opening.move();
  return {
    port,
    counters,
    tell(box, control) {
      const payload = JSON.stringify(control);
      const topic = topics(tenant, box).control;
      connected.get(box)?.publish({ cmd: "publish", topic, payload, qos: 1, retain: false, dup: false }, (err) => {
        if (err) log.info("a box was not told", { box, err: err.message });
      });
    },
    disconnect: (box) => connected.get(box)?.close(),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      await owned.disposeAsync();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Looks at what the broker reads from a socket, and ends it before too long a message is gathered. */
function guard(socket: TLSSocket, onTooLong: () => void): void {
  const lengths = new LengthGuard(mostMessageBytes);
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    const chunk: unknown = read(size);
    if (!(chunk instanceof Uint8Array) || lengths.take(chunk)) return chunk;
    onTooLong();
    socket.destroy();
    return null;
  };
}
