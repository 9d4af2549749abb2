import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { request } from "node:https";
import { isIP } from "node:net";
import { connect, type DetailedPeerCertificate } from "node:tls";
import { EnrolAnswer, type EnrolRequest, enrolPaths, type RenewRequest } from "@sitebox/core/contract";
import { fingerprintOf } from "@sitebox/provisioning";
import { faultOf, UplinkError } from "./fault.ts";
import type { Enrolment, Identity } from "./identity.ts";

const loopback = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/;
const answerMs = 15_000;
const longestAnswer = 64 * 1024;

const rootOf = (certificate: DetailedPeerCertificate): DetailedPeerCertificate => {
  const { issuerCertificate: issuer } = certificate;
  return !issuer || issuer.fingerprint256 === certificate.fingerprint256 ? certificate : rootOf(issuer);
};
const toPem = (der: Buffer) => new X509Certificate(der).toString();

/**
 * Headquarters' certificate authority, in PEM, as its listener presents it, if it is the pinned one. Nothing is sent to the listener
 * here: the connection is only looked at, and the next one is verified by OpenSSL against what this returns.
 * Without a pin only a headquarters on this very machine is believed; nobody stands in between there.
 * @throws UplinkError "wrong-authority", "no-fingerprint", "unreachable"
 */
export async function findAuthority(enrolUrl: string, pin: string | undefined, signal: AbortSignal): Promise<string> {
  const url = new URL(enrolUrl);
  if (pin === undefined && !loopback.test(url.hostname))
    throw new UplinkError(
      "no-fingerprint",
      "the fingerprint of headquarters' certificate authority (uplink.caFingerprint) is not configured",
    );
  const socket = connect({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || 443),
    ...(isIP(url.hostname) ? {} : { servername: url.hostname }),
    rejectUnauthorized: false,
  });
  socket.on("error", () => {});
  try {
    await once(socket, "secureConnect", { signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]) });
    const authority = toPem(rootOf(socket.getPeerCertificate(true)).raw);
    if (pin !== undefined && fingerprintOf(authority) !== pin)
      throw new UplinkError(
        "wrong-authority",
        `headquarters' certificate authority is not the pinned one (it is ${fingerprintOf(authority)}): something else answers at ${url.host}`,
      );
    return authority;
  } catch (error) {
    throw faultOf(error);
  } finally {
    socket.end();
  }
}

interface Post {
  readonly url: URL;
  readonly body: EnrolRequest | RenewRequest;
  readonly tls: { readonly ca: string; readonly key?: string; readonly cert?: string };
  readonly signal: AbortSignal;
}

async function post({ url, body, tls, signal }: Post): Promise<EnrolAnswer> {
  try {
    const text = JSON.stringify(body);
    const asking = request(url, {
      ...tls,
      method: "POST",
      agent: false,
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(text) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
    });
    asking.end(text);
    const [response] = (await once(asking, "response")) as [AsyncIterable<Buffer>];
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of response) {
      bytes += part.length;
      if (bytes > longestAnswer) throw new Error("the answer is too long");
      parts.push(part);
    }
    return EnrolAnswer.parse(JSON.parse(Buffer.concat(parts).toString("utf8")));
  } catch (error) {
    throw faultOf(error);
  }
}

/** Asks to be let in; `signed` once a person accepted. @throws UplinkError */
export function askToEnrol(
  enrolUrl: string,
  body: EnrolRequest,
  { ca, signal }: { ca: string; signal: AbortSignal },
): Promise<EnrolAnswer> {
  return post({ url: new URL(enrolPaths.enrol, enrolUrl), body, tls: { ca }, signal });
}

/** A new certificate for the same key, asked for with the present one. @throws UplinkError */
export async function renew(
  enrolUrl: string,
  { identity, enrolment, csr }: { identity: Identity; enrolment: Enrolment; csr: string },
  signal: AbortSignal,
): Promise<Enrolment> {
  const answer = await post({
    url: new URL(enrolPaths.renew, enrolUrl),
    body: { csr },
    tls: { ca: enrolment.caCertificate, key: identity.keyPem, cert: enrolment.certificate },
    signal,
  });
  if (answer.state !== "enrolled")
    throw new UplinkError("refused", answer.state === "refused" ? answer.reason : "headquarters did not renew");
  return enrolmentOf(enrolment.box, answer);
}

export const enrolmentOf = (box: string, answer: Extract<EnrolAnswer, { state: "enrolled" }>): Enrolment => ({
  box,
  tenant: answer.tenant,
  certificate: answer.certificate,
  caCertificate: answer.caCertificate,
  mqttUrl: answer.mqttUrl,
});
