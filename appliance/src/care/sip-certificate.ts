import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import type { SipConfig } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { openCertificateAuthority, writePrivate } from "@sitebox/provisioning";

const DAY_MS = 86_400_000;
/** Some telephones take no certificate that is valid for longer than this. */
const VALID_DAYS = 397;
/** Renewed this long before its end. */
const RENEW_BEFORE_MS = 30 * DAY_MS;

export interface SipCertificateDeps {
  readonly clock: Clock;
  readonly log: Log;
  readonly dataDir: string;
  readonly sip: SipConfig;
  /** The names and addresses by which telephones reach the box; by default those that the machine has now. */
  readonly hostNames?: () => readonly string[];
}

/**
 * The certificate that the box shows to telephones, where none is configured: from an authority of the box itself, in the folder
 * `sip-tls` of its data. Telephones that are to check it are given `ca.crt` once; it outlives every renewal.
 */
export class SipCertificate {
  readonly #deps: SipCertificateDeps;
  readonly #folder: string;

  constructor(deps: SipCertificateDeps) {
    this.#deps = deps;
    this.#folder = join(deps.dataDir, "sip-tls");
  }

  /** The SIP side's configuration with the certificate's files in it; the same where TLS is off or has files of its own. */
  get config(): SipConfig {
    const { sip } = this.#deps;
    if (!this.#ours || !sip.tls) return sip;
    return {
      ...sip,
      tls: { ...sip.tls, certificateFile: join(this.#folder, "box.crt"), keyFile: join(this.#folder, "box.key") },
    };
  }

  /** Makes the certificate where there is none, its end is near or the box has got another address. @returns whether it did. */
  async renew(): Promise<boolean> {
    if (!this.#ours) return false;
    const { clock, log } = this.#deps;
    const hostNames = this.#hostNames();
    const found = await readFile(join(this.#folder, "box.crt"), "utf8").catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    });
    if (found !== undefined && isGood(found, hostNames, clock.now())) return false;
    const authority = await openCertificateAuthority(this.#folder, { clock, name: "Sitebox SIP" });
    const { certificate, key, expiresAt } = await authority.issueServer({ hostNames, days: VALID_DAYS });
    await writePrivate(join(this.#folder, "box.key"), key);
    await writePrivate(join(this.#folder, "box.crt"), certificate);
    log.info("a certificate for SIP over TLS was made", { hostNames, expiresAt });
    return true;
  }

  /** Looks once a day until the signal aborts; `onRenewed` has the new one shown. */
  async watch(onRenewed: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#deps.clock.sleep(DAY_MS, signal).catch(() => {});
      if (!signal.aborted && (await this.renew())) await onRenewed();
    }
  }

  get #ours(): boolean {
    const { tls } = this.#deps.sip;
    return tls !== undefined && tls.certificateFile === undefined;
  }

  #hostNames(): readonly string[] {
    const { sip, hostNames } = this.#deps;
    const stated = [sip.externalAddress, sip.listen.host].flatMap((name) => name ?? []);
    return [...new Set([...stated, ...(hostNames ?? ownNames)()])].filter((name) => name !== "0.0.0.0" && name !== "::");
  }
}

/** The machine's name and addresses, but those of single links, which no telephone is given. */
const ownNames = (): readonly string[] =>
  [
    hostname(),
    ...Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address)),
  ].filter((name) => !/^fe80:/i.test(name));

function isGood(certificate: string, hostNames: readonly string[], now: number): boolean {
  const read = new X509Certificate(certificate);
  const shown = (name: string) => (isIP(name) ? read.checkIP(name) : read.checkHost(name)) !== undefined;
  return read.validToDate.getTime() - now > RENEW_BEFORE_MS && hostNames.every(shown);
}
