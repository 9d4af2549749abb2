import { SyncClass, TopicName } from "@sitebox/core/contract";

/** Who is at the other end: what its certificate says. */
export interface Peer {
  readonly tenant: string;
  readonly box: string;
  /** Of its certificate, upper-case hex. */
  readonly serial: string;
}

/** Reads `tenant/box` out of a certificate's common name; undefined when it is none of ours. */
export function namesOf(commonName: unknown): { tenant: string; box: string } | undefined {
  if (typeof commonName !== "string") return undefined;
  const [tenant, box, ...more] = commonName.split("/");
  return more.length === 0 && TopicName.safeParse(tenant).success && TopicName.safeParse(box).success
    ? { tenant: tenant as string, box: box as string }
    : undefined;
}

export interface Connect {
  readonly clientId: string;
  readonly clean: boolean;
  readonly will: { readonly topic: string } | undefined;
}

/** Why a connection is refused; undefined when it may come in. Its client id, session and will are as its certificate allows. */
export function refusal({ tenant, box }: Peer, { clientId, clean, will }: Connect): string | undefined {
  if (clientId !== `${tenant}/${box}`) return "the client id is not the certificate's name";
  if (!clean) return "sessions are not kept here: connect with clean session";
  if (will && will.topic !== `v1/${tenant}/${box}/st`) return "the will is for another's topic";
  return undefined;
}

export type Publishing =
  | { readonly type: "batch"; readonly cls: SyncClass }
  | { readonly type: "hello" }
  | { readonly type: "status" }
  /** Its own, and of a kind that this version does not know: taken and dropped, so that a newer box is not held up. */
  | { readonly type: "unknown" }
  | { readonly type: "refused"; readonly reason: string };

/** R9: nothing longer or stranger than this reaches the broker's topic tree. */
const topicShape = /^[a-z0-9/-]{1,128}$/;

/** What a message on `topic` is, from this peer. */
export function publishing({ tenant, box }: Peer, topic: string): Publishing {
  if (!topicShape.test(topic)) return { type: "refused", reason: "the topic has characters that no topic here has" };
  const [version, itsTenant, itsBox, branch, leaf, ...more] = topic.split("/");
  if (version !== "v1" || itsTenant !== tenant || itsBox !== box || more.length > 0)
    return { type: "refused", reason: "the topic is another's" };
  if (branch === "st" && leaf === undefined) return { type: "status" };
  if (branch === "d") return { type: "refused", reason: "only headquarters speaks there" };
  if (branch !== "u" || leaf === undefined) return { type: "unknown" };
  if (leaf === "hello") return { type: "hello" };
  const cls = SyncClass.safeParse(leaf);
  return cls.success ? { type: "batch", cls: cls.data } : { type: "unknown" };
}

/** A box listens to its own downward topics and to nothing else. */
export const maySubscribe = ({ tenant, box }: Peer, filter: string): boolean =>
  [`v1/${tenant}/${box}/d/#`, `v1/${tenant}/${box}/d/ctl`, `v1/${tenant}/${box}/d/msg`].includes(filter);
