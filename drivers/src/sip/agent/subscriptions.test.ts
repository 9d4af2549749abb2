import { expect, test } from "vitest";
import { headerOf, type SipRequest, type SipResponse, tagOf } from "../parser/index.ts";
import type { Presence } from "../subscriptions/index.ts";
import type { WirePeer } from "../testing/index.ts";
import { answerTo, openSite, type Site } from "./site.testing.ts";

type LineState = ReturnType<Presence["lineState"]>;

/** What the box would know of its extensions, as the test has it. */
class Known implements Presence {
  readonly lines = new Map<string, LineState>();
  readonly counts = new Map<string, { readonly unheard: number; readonly heard: number }>();
  readonly #onLine = new Set<(number: string) => void>();
  readonly #onMailbox = new Set<(number: string) => void>();

  lineState = (number: string) => this.lines.get(number) ?? "idle";
  mailbox = async (number: string) => this.counts.get(number) ?? { unheard: 0, heard: 0 };
  onLineState = (listener: (number: string) => void) => listening(this.#onLine, listener);
  onMailbox = (listener: (number: string) => void) => listening(this.#onMailbox, listener);

  get listeners(): number {
    return this.#onLine.size + this.#onMailbox.size;
  }

  line(number: string, state: LineState): void {
    this.lines.set(number, state);
    for (const listener of this.#onLine) listener(number);
  }

  messages(number: string, unheard: number, heard: number): void {
    this.counts.set(number, { unheard, heard });
    for (const listener of this.#onMailbox) listener(number);
  }
}

function listening<Listener>(listeners: Set<Listener>, listener: Listener): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => void listeners.delete(listener) };
}

const config = {
  extensions: [
    { number: "8001", password: "secret" },
    { number: "8002", password: "another" },
  ],
};

interface Watching {
  readonly number?: string;
  readonly event?: string;
  readonly headers?: readonly string[];
  /** The answer that opened the dialog. */
  readonly within?: SipResponse;
  readonly callId?: string;
}

let sequence = 0;

/** Sends a SUBSCRIBE, challenged and answered. */
async function subscribe(phone: WirePeer, watching: Watching = {}): Promise<SipResponse> {
  const { number = "8002", event = "dialog", headers = [], within, callId = "watch" } = watching;
  const sending = {
    from: "<sip:8001@box>;tag=w",
    to: `<sip:${number}@box>${within ? `;tag=${tagOf(within.to)}` : ""}`,
    uri: `sip:${number}@box`,
    callId,
  };
  const own = [phone.contact, `Event: ${event}`, ...headers];
  await phone.request("SUBSCRIBE", { ...sending, cseq: ++sequence, headers: own });
  const challenge = await phone.next();
  if (challenge.type !== "response") throw new Error(challenge.method);
  if (challenge.status !== 401) return challenge;
  await phone.request("SUBSCRIBE", {
    ...sending,
    cseq: ++sequence,
    headers: [...own, answerTo(challenge, { method: "SUBSCRIBE" })],
  });
  const answer = await phone.next();
  if (answer.type !== "response") throw new Error(answer.method);
  return answer;
}

/** The next notification, taken; its state and body. */
async function notified(phone: WirePeer, status = 200) {
  const notify = await phone.requested("NOTIFY");
  await phone.respond(notify, status);
  return told(notify);
}

/** Resolves when the box has read everything that the phone sent so far. */
async function settled(phone: WirePeer) {
  await phone.request("OPTIONS", { callId: "settled", cseq: ++sequence });
  await phone.response(200);
}

const told = (notify: SipRequest) => ({
  state: headerOf(notify, "subscription-state"),
  event: headerOf(notify, "event"),
  body: Buffer.from(notify.body).toString(),
});

/** Nothing of a subscription is left when transactions have ended. */
async function expectNothingLeft(site: Site) {
  await site.clock.advance(70_000);
  expect([site.box.load, site.clock.pending]).toEqual([{ calls: 0, dialogs: 0, transactions: 0 }, 0]);
}

test("a lamp shows whether an extension rings, talks or is free: all of it first, then what changes", async () => {
  const known = new Known();
  await using site = await openSite(config, { presence: known });
  const { phone } = site;
  const answer = await subscribe(phone, { event: "dialog;id=7" });
  expect([answer.status, headerOf(answer, "expires")]).toEqual([200, "3600"]);
  const first = await notified(phone);
  expect(first).toMatchObject({ state: "active;expires=3600", event: "dialog;id=7" });
  expect(first.body).toContain('version="0" state="full" entity="sip:8002@box"');
  expect(first.body).not.toContain("<dialog ");
  for (const [state, expected] of [
    ["ringing", '<dialog id="8002-1" direction="recipient"><state>early</state></dialog>'],
    ["busy", '<dialog id="8002-1"><state>confirmed</state></dialog>'],
    ["idle", '<dialog id="8002-1"><state>terminated</state></dialog>'],
    ["busy", '<dialog id="8002-2"><state>confirmed</state></dialog>'],
  ] as const) {
    known.line("8001", state);
    known.line("8002", state);
    const { body } = await notified(phone);
    expect(body).toContain('state="partial"');
    expect(body).toContain(expected);
  }
  expect((await subscribe(phone, { event: "dialog;id=7", within: answer, headers: ["Expires: 0"] })).status).toBe(200);
  const last = await notified(phone);
  expect(last.state).toBe("terminated;reason=timeout");
  expect(last.body).toContain('version="5" state="full"');
  expect(last.body).toContain('<dialog id="8002-2"><state>confirmed</state></dialog>');
  await expectNothingLeft(site);
});

test("a lamp shows what waits in one's own mailbox", async () => {
  const known = new Known();
  await using site = await openSite(config, { presence: known });
  await subscribe(site.phone, { number: "8001", event: "message-summary" });
  expect((await notified(site.phone)).body).toBe(
    "Messages-Waiting: no\r\nMessage-Account: sip:8001@box\r\nVoice-Message: 0/0 (0/0)\r\n",
  );
  known.messages("8001", 2, 8);
  expect((await notified(site.phone)).body).toBe(
    "Messages-Waiting: yes\r\nMessage-Account: sip:8001@box\r\nVoice-Message: 2/8 (0/0)\r\n",
  );
  expect((await subscribe(site.phone, { number: "8002", event: "message-summary", callId: "other" })).status).toBe(403);
});

test("a subscription that is not renewed ends with a word, one that is renewed goes on", async () => {
  await using site = await openSite(config, { presence: new Known() });
  const answer = await subscribe(site.phone, { headers: ["Expires: 60"] });
  await notified(site.phone);
  await settled(site.phone);
  await site.clock.advance(50_000);
  await subscribe(site.phone, { within: answer, headers: ["Expires: 120"] });
  expect(await notified(site.phone)).toMatchObject({
    state: "active;expires=120",
    body: expect.stringContaining('version="1" state="full"'),
  });
  await settled(site.phone);
  await site.clock.advance(120_000);
  expect((await notified(site.phone)).state).toBe("terminated;reason=timeout");
  expect((await subscribe(site.phone, { within: answer })).status).toBe(481);
  await expectNothingLeft(site);
});

test("zero seconds only asks", async () => {
  await using site = await openSite(config, { presence: new Known() });
  expect((await subscribe(site.phone, { headers: ["Expires: 0"] })).status).toBe(200);
  expect((await notified(site.phone)).state).toBe("terminated;reason=timeout");
  await expectNothingLeft(site);
});

test("who does not know of the subscription any more, or is gone, loses it", async () => {
  const known = new Known();
  await using site = await openSite(config, { presence: known });
  await subscribe(site.phone, { callId: "forgotten" });
  await notified(site.phone, 481);
  await subscribe(site.phone, { callId: "gone" });
  await site.phone.requested("NOTIFY");
  await expectNothingLeft(site);
});

test("what changes while a notification is under way is told at once afterwards, and only what is new", async () => {
  const known = new Known();
  await using site = await openSite(config, { presence: known });
  await subscribe(site.phone);
  const first = await site.phone.requested("NOTIFY");
  for (const state of ["ringing", "busy", "idle", "ringing"] as const) known.line("8002", state);
  await site.phone.respond(first, 200);
  const { body } = await notified(site.phone);
  expect(body).toContain('version="1" state="partial"');
  expect(body).toContain("early");
  known.line("8002", "ringing");
  known.line("8002", "busy");
  expect((await notified(site.phone)).body).toContain('version="2"');
});

test.for([
  ["an event that nobody tells", { event: "presence" }, 489, "allow-events"],
  ["a number that is no extension", { number: "7777" }, 404, undefined],
  ["less than a minute", { headers: ["Expires: 30"] }, 423, "min-expires"],
  ["a body that is not written here", { headers: ["Accept: text/html"] }, 406, undefined],
] as const)("%s is refused in the right words", async ([, watching, status, header]) => {
  await using site = await openSite(config, { presence: new Known() });
  const answer = await subscribe(site.phone, watching);
  expect(answer.status).toBe(status);
  if (header !== undefined) expect(headerOf(answer, header)).toBeTruthy();
});

test("without anything to tell every event is refused", async () => {
  await using site = await openSite(config);
  expect((await subscribe(site.phone)).status).toBe(489);
});

test("at the end of the box every watcher is told to come again, and nobody is listened to any more", async () => {
  const known = new Known();
  const site = await openSite(config, { presence: known });
  await subscribe(site.phone);
  await notified(site.phone);
  const closing = site.box[Symbol.asyncDispose]();
  expect((await notified(site.phone)).state).toBe("terminated;reason=probation;retry-after=30");
  for (let step = 0; step < 20; step++) await site.clock.advance(100);
  await closing;
  await site[Symbol.asyncDispose]();
  expect(known.listeners).toBe(0);
});
