import { X509Certificate } from "node:crypto";
import type { BoxId } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { fingerprintOf } from "@sitebox/provisioning";
import { askToEnrol, enrolmentOf, findAuthority, renew } from "./enrol.ts";
import { faultOf, UplinkError } from "./fault.ts";
import { type Enrolment, type Identity, type IdentityStore, renewalDue, requestFor, validityOf } from "./identity.ts";

export interface MembershipDeps {
  readonly box: BoxId;
  readonly siteName: string;
  readonly caFingerprint: string | undefined;
  readonly identities: IdentityStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often a certificate's age is looked at. */
const lookMs = 3_600_000;

/** Belonging to a headquarters: asking to, being accepted, and staying so while certificates come and go. */
export class Membership {
  readonly #deps: MembershipDeps;
  #identity: Identity;

  constructor(deps: MembershipDeps, identity: Identity) {
    this.#deps = deps;
    this.#identity = identity;
  }

  get claimCode(): string {
    return this.#identity.claimCode;
  }

  get keyPem(): string {
    return this.#identity.keyPem;
  }

  /** What the box was given, as long as it is this box's. */
  get enrolment(): Enrolment | undefined {
    const { enrolment } = this.#identity;
    return enrolment?.box === this.#deps.box ? enrolment : undefined;
  }

  /** Asks until a person at headquarters accepts; `onWaiting` is called while nobody has yet. @throws UplinkError */
  async enrol(enrolUrl: string, { signal, onWaiting }: { signal: AbortSignal; onWaiting: () => void }): Promise<Enrolment> {
    const { box, siteName, caFingerprint, clock, log } = this.#deps;
    const ca = await findAuthority(enrolUrl, caFingerprint, signal);
    const csr = await requestFor(this.#identity, box);
    for (;;) {
      const answer = await askToEnrol(enrolUrl, { box, claimCode: this.claimCode, csr, siteName }, { ca, signal });
      if (answer.state === "refused") throw new UplinkError("refused", `headquarters refuses: ${answer.reason}`);
      if (answer.state === "enrolled") {
        const enrolment = enrolmentOf(box, answer);
        await this.#keep(enrolment);
        log.info("headquarters has accepted this box", { tenant: answer.tenant });
        return enrolment;
      }
      onWaiting();
      await clock.sleep(answer.retryAfterMs, signal);
    }
  }

  /** A membership that opens a connection now: of the pinned headquarters, renewed first where it has expired. @throws UplinkError */
  async usable(enrolUrl: string, enrolment: Enrolment, signal: AbortSignal): Promise<Enrolment> {
    const { caFingerprint, clock } = this.#deps;
    if (caFingerprint !== undefined && fingerprintOf(enrolment.caCertificate) !== caFingerprint)
      throw new UplinkError("wrong-authority", "this box was accepted by another headquarters than the one that is configured");
    if (validityOf(enrolment.certificate).expiresAt > clock.now()) return enrolment;
    return await this.#renew(enrolUrl, enrolment, signal);
  }

  /** Renews the certificate from half of its life on, until the signal aborts. */
  async keepRenewed(enrolUrl: string, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    while (!signal.aborted) {
      const { enrolment } = this;
      if (enrolment && renewalDue(validityOf(enrolment.certificate), clock.now()))
        await this.#renew(enrolUrl, enrolment, signal).catch((error: unknown) => {
          if (!signal.aborted) log.warn("the certificate is not renewed yet", { err: faultOf(error) });
        });
      await clock.sleep(lookMs, signal).catch((reason: unknown) => {
        if (!signal.aborted) throw reason;
      });
    }
  }

  async #renew(enrolUrl: string, enrolment: Enrolment, signal: AbortSignal): Promise<Enrolment> {
    const csr = await requestFor(this.#identity, this.#deps.box);
    const renewed = await renew(enrolUrl, { identity: this.#identity, enrolment, csr }, signal);
    await this.#keep(renewed);
    this.#deps.log.info("the certificate is renewed", { expiresAt: validityOf(renewed.certificate).expiresAt });
    return renewed;
  }

  async #keep(enrolment: Enrolment): Promise<void> {
    if (!new X509Certificate(enrolment.certificate).checkPrivateKey(this.#identity.privateKey))
      throw new UplinkError("refused", "headquarters signed another key than this box's");
    this.#identity = await this.#deps.identities.save(this.#identity, enrolment);
  }
}
