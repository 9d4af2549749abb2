import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { type EnrolAnswer, EnrolRequest, enrolPaths, RenewRequest } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { listen } from "../net/index.ts";
import { ClaimError } from "./claim-error.ts";
import type { Asked, Claims } from "./claims.ts";

export interface EnrolmentDeps {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string };
  readonly tenant: string;
  readonly hostNames: readonly string[];
  /** Known once the broker listens. */
  readonly mqttPort: number;
  readonly claims: Claims;
  readonly namesOf: (commonName: unknown) => { tenant: string; box: string } | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a waiting box is told to wait. */
  readonly retryAfterMs?: number;
}

export interface EnrolmentListener extends AsyncDisposable {
  readonly port: number;
}

const mostBytes = 32 * 1024;
/** A site may be offline for months: a certificate that expired is still good for getting the next one. */
const graceMs = 366 * 86_400_000;

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > mostBytes) throw new ClaimError("the request is too long");
    parts.push(part);
  }
  return JSON.parse(Buffer.concat(parts).toString("utf8"));
}

/** HTTPS for boxes only: `POST /enrol` by any, `POST /renew` by one that shows its certificate. */
export async function openEnrolment(deps: EnrolmentDeps): Promise<EnrolmentListener> {
  const { claims, tls, tenant, clock } = deps;
  const log = deps.log.child("enrolment");
  const root = new X509Certificate(tls.ca);

  function mqttUrlFor(request: IncomingMessage): string {
    const asked = request.headers.host?.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
    const host = asked !== undefined && deps.hostNames.includes(asked) ? asked : (deps.hostNames[0] ?? "localhost");
    return `mqtts://${host.includes(":") ? `[${host}]` : host}:${deps.mqttPort}`;
  }

  function answerOf(asked: Asked, request: IncomingMessage): EnrolAnswer {
    switch (asked.state) {
      case "waiting":
        return { state: "waiting", retryAfterMs: deps.retryAfterMs ?? 3_000 };
      case "enrolled":
        return { ...asked, tenant, caCertificate: tls.ca, mqttUrl: mqttUrlFor(request) };
      case "refused":
        return asked;
    }
  }

  /** Whose certificate was shown in the handshake, where that was ours and is not expired too long. */
  function shown(socket: TLSSocket): { box: string; serial: string } {
    const raw = socket.getPeerCertificate().raw;
    if (!raw) throw new ClaimError("a renewal needs the certificate that is renewed");
    const certificate = new X509Certificate(raw);
    const names = namesIn(certificate);
    if (!names || names.tenant !== tenant || !certificate.verify(root.publicKey))
      throw new ClaimError("the certificate is not of this headquarters");
    if (Date.parse(certificate.validTo) + graceMs < clock.now())
      throw new ClaimError("the certificate expired more than a year ago: enrol again");
    return { box: names.box, serial: certificate.serialNumber };
  }
  const namesIn = (certificate: X509Certificate) => deps.namesOf(certificate.toLegacyObject().subject.CN);

  async function route(request: IncomingMessage): Promise<EnrolAnswer | undefined> {
    if (request.method !== "POST") return undefined;
    if (request.url === enrolPaths.enrol)
      return answerOf(await claims.ask(EnrolRequest.parse(await bodyOf(request)), request.socket.remoteAddress ?? ""), request);
    if (request.url === enrolPaths.renew) {
      const certificate = await claims.renew(shown(request.socket as TLSSocket), RenewRequest.parse(await bodyOf(request)).csr);
      return answerOf({ state: "enrolled", certificate }, request);
    }
    return undefined;
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json", connection: "close" });
      response.end(JSON.stringify(body));
    };
    try {
      const answer = await route(request);
      if (answer) send(200, answer);
      else send(404, { fault: "not-found", message: "boxes enrol here; people use the console" });
    } catch (err) {
      const ours = err instanceof ClaimError || err instanceof SyntaxError || (err instanceof Error && err.name === "ZodError");
      log.warn("an enrolment is refused", { address: request.socket.remoteAddress, err });
      send(ours ? 400 : 503, ours ? { state: "refused", reason: err.message } : { fault: "unavailable" });
    }
  }

  const server = createServer(
    { key: tls.key, cert: tls.cert, ca: tls.ca, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.2" },
    (request, response) => void serve(request, response),
  );
  server.headersTimeout = 10_000;
  server.requestTimeout = 20_000;
  server.maxConnections = 1_000;
  server.on("tlsClientError", (err, socket) =>
    log.info("a handshake failed", { address: socket.remoteAddress, reason: err.message }),
  );
  const port = await listen(server, deps, "enrol.port");
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
