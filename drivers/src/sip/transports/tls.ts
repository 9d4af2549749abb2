import { isIP } from "node:net";
import { checkServerIdentity, getCACertificates, type PeerCertificate, type SecureContextOptions } from "node:tls";

/** Who we are to peers over TLS, and whom we believe. PEM texts. */
export interface TlsConfig {
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  readonly requireClientCertificate?: boolean | undefined;
}

/** Those that a far end's certificate may come from: the system's authorities and the configured ones. */
export const authoritiesWith = (own: string | undefined): string[] => [
  ...new Set([...getCACertificates("default"), ...getCACertificates("system")]),
  ...(own === undefined ? [] : [own]),
];

/** TLS 1.2 is the least (RFC 8996). */
export const secureContext = (identity: Pick<TlsConfig, "certificate" | "key"> | undefined): SecureContextOptions => ({
  minVersion: "TLSv1.2",
  ...(identity && { cert: identity.certificate, key: identity.key }),
});

const SIP_URI = /^sips?:([^@;?]+)$/i;

/** The entries of a subjectAltName of one type, as OpenSSL writes them: `DNS:a, URI:sip:b, IP Address:192.0.2.1`. */
const namesOf = (text: string, type: "DNS" | "URI" | "IP Address"): string[] =>
  [...text.matchAll(/(DNS|URI|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g)]
    .filter(([, found]) => found === type)
    .map(([, , value = ""]) => value.trim());

/**
 * Whether a certificate is for `name` (RFC 5922 §7): SIP URIs without a user are its domains where it has any, else its DNS names,
 * letter for letter without wildcards; an address must be stated as one. The common name counts only where nothing else is stated.
 * @returns why it is not.
 */
export function identityFault(name: string, certificate: Pick<PeerCertificate, "subject" | "subjectaltname">): Error | undefined {
  const alternatives = certificate.subjectaltname ?? "";
  const uris = namesOf(alternatives, "URI").flatMap((uri) => SIP_URI.exec(uri)?.[1] ?? []);
  const dns = namesOf(alternatives, "DNS");
  const addresses = namesOf(alternatives, "IP Address");
  if (isIP(name) !== 0 && addresses.length > 0) return checkServerIdentity(name, certificate as PeerCertificate);
  const domains = uris.length > 0 ? uris : dns;
  const common = alternatives === "" ? [certificate.subject.CN].flat() : [];
  const stated = [...domains, ...common].filter((domain) => domain !== undefined);
  const wanted = name.toLowerCase().replace(/\.$/, "");
  if (stated.some((domain) => domain.toLowerCase().replace(/\.$/, "") === wanted)) return undefined;
  return new Error(`the certificate is for ${[...stated, ...addresses].join(", ") || "nobody"}, not for ${name}`);
}
