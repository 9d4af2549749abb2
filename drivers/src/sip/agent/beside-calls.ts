import { confirmed, contactOf, dialogOfRequest } from "../dialogs/index.ts";
import type { Guard } from "../guard/index.ts";
import { Messages, type MessagesDeps } from "../messages/index.ts";
import { type Header, headerOf, userOf } from "../parser/index.ts";
import { type Authenticator, cameThroughNat, isUnreachable } from "../registrar/index.ts";
import { eventPackages, type NotifierLink, type Presence, Subscriptions } from "../subscriptions/index.ts";
import { newTag, type ServerTransaction } from "../transactions/index.ts";
import type { Lines } from "../trunks/index.ts";
import type { Core } from "./core.ts";
import { DialogLink } from "./dialog-link.ts";

export interface BesideCallsDeps {
  readonly core: Core;
  readonly authenticator: Authenticator;
  readonly guard: Guard;
  readonly lines: Lines;
  readonly presence: Presence | undefined;
  readonly onMessage: MessagesDeps["onMessage"];
  readonly placesOf: MessagesDeps["placesOf"];
  readonly respond: (transaction: ServerTransaction, status: number, headers?: readonly Header[]) => void;
}

/** What telephones do beside calling: they watch others, and send texts. */
export function openBesideCalls({ core, presence, ...deps }: BesideCallsDeps): {
  readonly subscriptions: Subscriptions;
  readonly messages: Messages;
} {
  const { authenticator, lines, respond, placesOf, onMessage } = deps;
  const { clock, log } = core;
  const isExtension = (number: string) => authenticator.isAccount(number);
  const sender = (transaction: ServerTransaction) => provenSender(transaction, deps);
  const subscriptions = new Subscriptions({
    clock,
    log,
    packages: presence ? eventPackages(presence) : [],
    watcherOf: sender,
    isExtension,
    open: (transaction) => openDialog(transaction, core),
    respond,
  });
  const messages = new Messages({
    clock,
    senderOf: sender,
    lineOf: ({ request, peer }) => lines.nameOf(request, peer),
    isExtension,
    placesOf,
    localAddress: (peer) => core.transports.localAddress(peer),
    addressed: (request, peer) => core.addressed(request, peer),
    transact: (request, peer, user) => core.transact(request, peer, user),
    respond,
    onMessage,
  });
  return { subscriptions, messages };
}

/** The extension that a request states as its sender and proves to come from; undefined where it does not, and it is answered. */
function provenSender(
  transaction: ServerTransaction,
  { authenticator, guard, respond }: Pick<BesideCallsDeps, "authenticator" | "guard" | "respond">,
): string | undefined {
  const { request, peer } = transaction;
  const stated = userOf(request.from.uri);
  if (headerOf(request, "authorization") === undefined && !authenticator.isAccount(stated)) guard.strange(peer);
  const verdict = authenticator.check(request, peer);
  if (verdict.type === "ignored") return undefined;
  if (verdict.type === "known" && verdict.number === stated) return stated;
  const { status, headers } = verdict.type === "known" ? { status: 403, headers: [] } : verdict;
  respond(transaction, status, headers);
  return undefined;
}

/** Opens the dialog that a SUBSCRIBE asks for; undefined where it lacks what that takes. */
async function openDialog({ request, peer }: ServerTransaction, core: Core): Promise<NotifierLink | undefined> {
  const dialog = dialogOfRequest(request, newTag());
  if (!dialog) return undefined;
  const flow = cameThroughNat(request) || isUnreachable(contactOf(request) ?? request.uri, peer) ? peer : undefined;
  const contact = await core.contact(userOf(request.uri), peer, request.uri);
  return new DialogLink({ core, dialog: confirmed(dialog), flow, contact, outgoing: false });
}
