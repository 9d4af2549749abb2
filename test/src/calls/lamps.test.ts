import { createHash } from "node:crypto";
import { WirePeer } from "@sitebox/drivers/sip/testing";
import { afterAll, beforeAll, test } from "vitest";
import { Baresip } from "../peers/index.ts";
import { World } from "../world.ts";

const numbers = ["8001", "8002", "8003"];

let world: World;

beforeAll(async () => {
  world = await World.open({
    headquarters: false,
    configure: (box) => ({
      ...box,
      sip: {
        ...box.sip,
        extensions: numbers.map((number) => ({ number, password: `secret-of-${number}`, displayName: number })),
      },
    }),
  });
  await world.startBox();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const md5 = (text: string) => createHash("md5").update(text).digest("hex");

/** A lamp of 8003's telephone. Gives what is told, until `wanted` is in it. */
async function lamp(watched: string, event: string) {
  const phone = await WirePeer.open(Number(world.box.ready.sip?.split(":")[1]));
  const uri = `sip:${watched}@box`;
  const sending = { from: "<sip:8003@box>;tag=lamp", to: `<${uri}>`, uri, callId: `lamp-${event}` };
  const headers = [phone.contact, `Event: ${event}`];
  await phone.request("SUBSCRIBE", { ...sending, headers });
  const challenge = await phone.response(401);
  const asked = challenge.headers.find(([name]) => name === "www-authenticate")?.[1] ?? "";
  const nonce = /nonce="([^"]*)"/.exec(asked)?.[1] ?? "";
  const realm = /realm="([^"]*)"/.exec(asked)?.[1] ?? "";
  const proof = md5([md5(`8003:${realm}:secret-of-8003`), nonce, "00000001", "c", "auth", md5(`SUBSCRIBE:${uri}`)].join(":"));
  const answer = `Authorization: Digest username="8003", realm="${realm}", nonce="${nonce}", uri="${uri}", response="${proof}", algorithm=MD5, qop=auth, nc=00000001, cnonce="c"`;
  await phone.request("SUBSCRIBE", { ...sending, cseq: 2, headers: [...headers, answer] });
  await phone.response(200);
  return {
    async shows(wanted: string): Promise<void> {
      for (;;) {
        const notify = await phone.requested("NOTIFY");
        await phone.respond(notify, 200);
        if (Buffer.from(notify.body).toString().includes(wanted)) return;
      }
    },
    [Symbol.asyncDispose]: () => phone[Symbol.asyncDispose](),
  };
}

test("a lamp shows that an extension rings, talks and is free again", async () => {
  await using caller = await Baresip.open({ account: world.extension("8001"), tone: 427 });
  await using called = await Baresip.open({ account: world.extension("8002"), tone: 605 });
  await using watched = await lamp("8002", "dialog");
  await watched.shows('state="full"');
  await caller.dial(world.sip("8002"));
  await watched.shows("<state>early</state>");
  await called.said(/Incoming call/);
  await called.accept();
  await watched.shows("<state>confirmed</state>");
  await caller.hangUp();
  await watched.shows("<state>terminated</state>");
});

test("a lamp shows that nothing waits in an empty mailbox", async () => {
  await using waiting = await lamp("8003", "message-summary");
  await waiting.shows("Messages-Waiting: no");
});
