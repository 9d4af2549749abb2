import type { Claim, EnrolRequest } from "@sitebox/core/contract";
import { certificateName } from "@sitebox/core/contract";
import type { Clock, Log } from "@sitebox/core/kernel";
import { WebError } from "@sitebox/core/web";
import { type CertificateAuthority, readSigningRequest } from "@sitebox/provisioning";
import type { GroupCommit, HeadquartersDatabase, HeadquartersTransaction } from "../db/index.ts";
import { ClaimError } from "./claim-error.ts";

export interface ClaimsDeps {
  readonly db: HeadquartersDatabase;
  readonly commits: GroupCommit;
  readonly authority: CertificateAuthority;
  readonly tenant: string;
  readonly certificateDays: number;
  /** Codes known beforehand. */
  readonly acceptCodes: readonly string[];
  /** For a demonstration: boxes on this machine need nobody's consent. */
  readonly acceptLoopback: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly onAsked: (claim: Claim) => void;
  readonly onAccepted: (accepted: { box: string; replaced: boolean }) => void;
}

export type Asked =
  | { readonly state: "waiting" }
  | { readonly state: "enrolled"; readonly certificate: string }
  | { readonly state: "refused"; readonly reason: string };

/** `fresh` is a claim that was not there before. */
type Noted = Asked & { readonly fresh?: Claim };

const waitsMs = 7 * 86_400_000;
const mostWaiting = 1_000;
const loopback = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);

/** Boxes that ask to belong here, until a person who reads the code on the box lets them in. */
export class Claims {
  readonly #deps: ClaimsDeps;
  readonly #log: Log;

  constructor(deps: ClaimsDeps) {
    this.#deps = deps;
    this.#log = deps.log.child("enrolment");
  }

  /** A box asks, again and again until it is told. Asking twice changes nothing. */
  async ask(request: EnrolRequest, address: string): Promise<Asked> {
    const keyFingerprint = await this.#keyOf(request.csr);
    const { fresh, ...asked } = await this.#deps.commits.commit((tx) => this.#note(tx, request, keyFingerprint));
    if (fresh) {
      this.#log.info("a box asks to be claimed", { box: fresh.box, siteName: fresh.siteName, fingerprint: keyFingerprint });
      this.#deps.onAsked(fresh);
    }
    if (asked.state !== "waiting") return asked;
    const { acceptCodes, acceptLoopback } = this.#deps;
    if (acceptCodes.includes(request.claimCode)) await this.accept(request.claimCode, "a code known beforehand");
    else if (acceptLoopback && loopback.has(address)) {
      this.#log.warn("a box on this machine is accepted without a person, as for a demonstration", { box: request.box });
      await this.accept(request.claimCode, "demonstration");
    } else return asked;
    const { fresh: _, ...answer } = await this.#deps.commits.commit((tx) => this.#note(tx, request, keyFingerprint));
    return answer;
  }

  /** Those that wait for a person, the latest first. */
  async waiting(): Promise<Claim[]> {
    const rows = await this.#deps.db.read((db) =>
      db.selectFrom("claim").selectAll().where("certificate", "is", null).orderBy("asked_at", "desc").execute(),
    );
    return rows.map((row) => ({
      code: row.code,
      box: row.box,
      siteName: row.site_name,
      fingerprint: row.key_fingerprint,
      askedAt: row.asked_at,
    }));
  }

  /** Lets the box in that shows this code. A box of that name with another key is replaced, its certificate withdrawn. @throws WebError "no-such-claim" */
  async accept(code: string, by: string): Promise<string> {
    const { authority, commits, clock, tenant, certificateDays, onAccepted } = this.#deps;
    const find = (tx: HeadquartersTransaction) =>
      tx.selectFrom("claim").selectAll().where("code", "=", code).where("certificate", "is", null).executeTakeFirst();
    const claim = await commits.commit(find);
    if (!claim) throw new WebError("no-such-claim");
    const issued = await authority.issueBox({
      csr: claim.csr,
      commonName: certificateName(tenant, claim.box),
      days: certificateDays,
    });
    const now = clock.now();
    const replaced = await commits.commit(async (tx) => {
      const still = await find(tx);
      if (!still) return false;
      await tx
        .updateTable("claim")
        .set({ certificate: issued.certificate, accepted_at: now, accepted_by: by.slice(0, 64) })
        .where("key_fingerprint", "=", claim.key_fingerprint)
        .execute();
      const before = await tx.selectFrom("box").selectAll().where("box", "=", claim.box).executeTakeFirst();
      const row = {
        site_name: claim.site_name,
        enrolled_at: now,
        certificate_serial: issued.serial,
        certificate_expires_at: issued.expiresAt,
        key_fingerprint: claim.key_fingerprint,
      };
      if (before) {
        await tx.updateTable("box").set(row).where("box", "=", claim.box).execute();
        await revoke(tx, before.certificate_serial, now, "another box took its place");
      } else
        await tx
          .insertInto("box")
          .values({ box: claim.box, ...row, software: "", online: 0, since: now })
          .execute();
      return before !== undefined;
    });
    this.#log.info("a box is accepted", { box: claim.box, serial: issued.serial, replaced, pii: { by } });
    onAccepted({ box: claim.box, replaced });
    return claim.box;
  }

  /** A new certificate for a box that still has its key. `box` and `serial` are those of the certificate it showed. @throws ClaimError */
  async renew({ box, serial }: { box: string; serial: string }, csr: string): Promise<string> {
    const { authority, commits, db, tenant, certificateDays } = this.#deps;
    const keyFingerprint = await this.#keyOf(csr);
    const [row, revoked] = await db.read((reader) =>
      Promise.all([
        reader.selectFrom("box").selectAll().where("box", "=", box).executeTakeFirst(),
        reader.selectFrom("revoked").select("serial").where("serial", "=", serial).executeTakeFirst(),
      ]),
    );
    if (!row || revoked) throw new ClaimError("the certificate was withdrawn: enrol again");
    if (row.key_fingerprint !== keyFingerprint) throw new ClaimError("a renewal keeps the box's key");
    const issued = await authority.issueBox({ csr, commonName: certificateName(tenant, box), days: certificateDays });
    await commits.commit(async (tx) => {
      await tx
        .updateTable("box")
        .set({ certificate_serial: issued.serial, certificate_expires_at: issued.expiresAt })
        .where("box", "=", box)
        .execute();
      await tx
        .updateTable("claim")
        .set({ certificate: issued.certificate })
        .where("key_fingerprint", "=", keyFingerprint)
        .execute();
    });
    this.#log.info("a certificate is renewed", { box, serial: issued.serial });
    return issued.certificate;
  }

  async #keyOf(csr: string): Promise<string> {
    const request = await readSigningRequest(csr).catch((cause: unknown) => {
      throw new ClaimError("the signing request cannot be used", { cause });
    });
    return request.keyFingerprint;
  }

  async #note(tx: HeadquartersTransaction, request: EnrolRequest, keyFingerprint: string): Promise<Noted> {
    const now = this.#deps.clock.now();
    await tx
      .deleteFrom("claim")
      .where("certificate", "is", null)
      .where("asked_at", "<", now - waitsMs)
      .execute();
    const { box, claimCode: code, siteName, csr } = request;
    const known = await tx.selectFrom("claim").selectAll().where("key_fingerprint", "=", keyFingerprint).executeTakeFirst();
    if (known?.certificate) {
      const owner = await tx.selectFrom("box").select("key_fingerprint").where("box", "=", known.box).executeTakeFirst();
      return owner?.key_fingerprint === keyFingerprint && known.box === box
        ? { state: "enrolled", certificate: known.certificate }
        : { state: "refused", reason: "this key belonged to a box that was replaced: reset the box to its factory state" };
    }
    const other = await tx.selectFrom("claim").select("key_fingerprint").where("code", "=", code).executeTakeFirst();
    if (other && other.key_fingerprint !== keyFingerprint)
      return { state: "refused", reason: "this claim code is another box's" };
    if (known) {
      await tx
        .updateTable("claim")
        .set({ code, box, site_name: siteName, csr })
        .where("key_fingerprint", "=", keyFingerprint)
        .execute();
      return { state: "waiting" };
    }
    const { count } = await tx
      .selectFrom("claim")
      .select((eb) => eb.fn.countAll<number>().as("count"))
      .where("certificate", "is", null)
      .executeTakeFirstOrThrow();
    if (Number(count) >= mostWaiting) return { state: "refused", reason: "too many boxes are waiting" };
    await tx
      .insertInto("claim")
      .values({ key_fingerprint: keyFingerprint, code, box, site_name: siteName, csr, asked_at: now })
      .execute();
    return { state: "waiting", fresh: { code, box, siteName, fingerprint: keyFingerprint, askedAt: now } };
  }
}

async function revoke(tx: HeadquartersTransaction, serial: string, at: number, reason: string): Promise<void> {
  await tx
    .insertInto("revoked")
    .values({ serial, revoked_at: at, reason })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
