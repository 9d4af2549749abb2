import { expect, test } from "vitest";
import { headerOf, type SipResponse, userOf } from "../parser/index.ts";
import { WirePeer } from "../testing/index.ts";
import { answerTo, openSite, type Site } from "./site.testing.ts";

const config = {
  extensions: [
    { number: "8001", password: "secret" },
    { number: "8002", password: "another" },
  ],
};
const TEXT = "Content-Type: text/plain; charset=utf-8";

let sequence = 0;

async function proven(
  phone: WirePeer,
  method: string,
  { from, to, headers, body = "" }: { from: string; to: string; headers: readonly string[]; body?: string },
): Promise<SipResponse | undefined> {
  const sending = {
    from: `<sip:${from}@box>;tag=m`,
    to: `<sip:${to}@box>`,
    uri: `sip:${to}@box`,
    callId: `${method}-${from}`,
    body,
  };
  await phone.request(method, { ...sending, cseq: ++sequence, headers });
  const first = await phone.next();
  if (first.type !== "response" || first.status !== 401) return first.type === "response" ? first : undefined;
  const password = from === "8001" ? "secret" : "another";
  const answer = answerTo(first, { method, username: from, password });
  await phone.request(method, { ...sending, cseq: ++sequence, headers: [...headers, answer] });
  return undefined;
}

async function register(phone: WirePeer, number: string) {
  await proven(phone, "REGISTER", { from: number, to: number, headers: [phone.contact] });
  await phone.response(200);
}

const text = (site: Site, body: string, headers: readonly string[] = [TEXT]) =>
  proven(site.phone, "MESSAGE", { from: "8001", to: "8002", headers, body });

test("a text reaches every phone of the extension, and its sender hears that one took it", async () => {
  await using site = await openSite(config);
  await using first = await WirePeer.open(site.box.address.udpPort);
  await using second = await WirePeer.open(site.box.address.udpPort);
  await register(first, "8002");
  await register(second, "8002");
  await text(site, "房间 1203 要毛巾");
  const [here, there] = [await first.requested("MESSAGE"), await second.requested("MESSAGE")];
  for (const message of [here, there]) {
    expect(Buffer.from(message.body).toString()).toBe("房间 1203 要毛巾");
    expect([userOf(message.from.uri), userOf(message.to.uri), headerOf(message, "content-type")]).toEqual([
      "8001",
      "8002",
      "text/plain; charset=utf-8",
    ]);
  }
  await first.respond(here, 488);
  await second.respond(there, 200);
  await site.phone.response(200);
});

test("who is not there gets nothing, and the sender hears it", async () => {
  await using site = await openSite(config);
  await text(site, "你好");
  await site.phone.response(480);
});

test("what every phone refuses is refused in their words, a challenge and silence as not being there", async () => {
  await using site = await openSite(config);
  await using phone = await WirePeer.open(site.box.address.udpPort);
  await register(phone, "8002");
  for (const [theirs, ours] of [
    [488, 488],
    [401, 480],
  ] as const) {
    await text(site, "hello");
    await phone.respond(await phone.requested("MESSAGE"), theirs);
    await site.phone.response(ours);
  }
});

test("a phone that takes its time does not keep the sender waiting", async () => {
  await using site = await openSite(config);
  await using phone = await WirePeer.open(site.box.address.udpPort);
  await register(phone, "8002");
  await text(site, "hello");
  const message = await phone.requested("MESSAGE");
  await site.clock.advance(4_000);
  await site.phone.response(202);
  await phone.respond(message, 200);
  await site.clock.advance(70_000);
  expect([site.box.load.transactions, site.clock.pending]).toEqual([0, 0]);
});

test.for([
  ["a picture", ["Content-Type: image/png"], "x", 415, "accept"],
  ["several parts", ["Content-Type: multipart/mixed;boundary=x"], "--x--", 415, "accept"],
  ["more than fits", [TEXT], "x".repeat(1_301), 413, undefined],
  ["no hops left", [TEXT, "Max-Forwards: 0"], "x", 483, undefined],
] as const)("%s is refused in the right words", async ([, headers, body, status, header]) => {
  await using site = await openSite(config);
  const refusal = (await text(site, body, headers)) ?? (await site.phone.response(status));
  expect(refusal.status).toBe(status);
  if (header !== undefined) expect(headerOf(refusal, header)).toBe("text/plain");
});

test("nobody sends in another's name, and strangers send nothing", async () => {
  await using site = await openSite(config);
  const sending = { uri: "sip:8002@box", headers: [TEXT], body: "x" };
  await site.phone.request("MESSAGE", { ...sending, from: "<sip:guest@box>;tag=g" });
  const challenge = await site.phone.response(401);
  const headers = [TEXT, answerTo(challenge, { method: "MESSAGE" })];
  await site.phone.request("MESSAGE", { ...sending, from: "<sip:8002@box>;tag=g", cseq: 2, headers });
  await site.phone.response(403);
});

test("what is for no extension, or comes by a line, is handed to whoever wants it", async () => {
  const heard: unknown[] = [];
  const onMessage = async (message: { readonly to: string }) => {
    heard.push(message);
    return message.to === "13800138000";
  };
  const trunks = [{ name: "carrier", host: "127.0.0.1", port: 9, numbers: ["02012345678"] }];
  await using site = await openSite(config, { onMessage });
  await proven(site.phone, "MESSAGE", { from: "8001", to: "13800138000", headers: [TEXT], body: "来了" });
  await site.phone.response(202);
  await proven(site.phone, "MESSAGE", { from: "8001", to: "7777", headers: [TEXT], body: "?" });
  await site.phone.response(404);
  await using outside = await openSite({ ...config, trunks }, { onMessage });
  await outside.phone.request("MESSAGE", {
    from: "<sip:13800138000@carrier>;tag=o",
    uri: "sip:8001@box",
    headers: [TEXT],
    body: "hi",
  });
  await outside.phone.response(403);
  expect(heard).toEqual([
    { from: "8001", to: "13800138000", text: "来了", line: undefined },
    { from: "8001", to: "7777", text: "?", line: undefined },
    { from: "13800138000", to: "8001", text: "hi", line: "carrier" },
  ]);
});
