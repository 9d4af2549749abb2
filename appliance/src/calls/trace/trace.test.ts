import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CallId, type CallLeg, type CallWithMoments } from "@sitebox/core/contract";
import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import type { WireMessage } from "@sitebox/drivers/line";
import { expect, test } from "vitest";
import { openBoxDatabase } from "../../db/index.ts";
import { rowOfLeg } from "../call-legs.ts";
import { CallStore } from "../call-store.ts";
import { CallTraces, Explainer, withoutNumbers } from "./index.ts";
import { mediaReasons } from "./media-reasons.ts";
import { pcapngOf } from "./pcapng.ts";
import { readMessage } from "./read-message.ts";
import { withoutSecrets } from "./redact.ts";

const run = promisify(execFile);

const sip = (start: string, headers: readonly string[], body = "") =>
  Buffer.from([start, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, "", body].join("\r\n"));
const base = (callId: string, cseq: string) => [
  "Via: SIP/2.0/UDP 10.0.0.7:5062;branch=z9hG4bK1;rport",
  'From: "王先生" <sip:13800138000@10.0.0.7>;tag=a',
  "To: <sip:8000@10.0.0.1>",
  `Call-ID: ${callId}`,
  `CSeq: ${cseq}`,
];
const wire = (message: Partial<WireMessage> & Pick<WireMessage, "bytes">): WireMessage => ({
  at: 1_763_700_000_000,
  direction: "in",
  transport: "udp",
  local: "10.0.0.1:5060",
  remote: "10.0.0.7:5062",
  wireId: "call-1",
  ...message,
});
const invite = (callId = "call-1") =>
  wire({ wireId: callId, bytes: sip("INVITE sip:8000@10.0.0.1 SIP/2.0", base(callId, "1 INVITE")) });
const answer = (status: string, callId = "call-1", method = "INVITE") =>
  wire({ wireId: callId, direction: "out", bytes: sip(`SIP/2.0 ${status}`, base(callId, `1 ${method}`)) });

async function open() {
  await using opening = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "sitebox-trace-"));
  opening.defer(() => rm(dataDir, { recursive: true }));
  const clock = new VirtualClock();
  const db = opening.use(await openBoxDatabase(dataDir));
  const traces = opening.use(new CallTraces({ db, clock, log: silentLog }));
  const stored = () => db.read((r) => r.selectFrom("wire_message").selectAll().orderBy("seq").execute());
  const owned = opening.move();
  return { db, clock, traces, stored, dataDir, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test("a call that was answered is found by its leg's name with every message, in order", async () => {
  await using box = await open();
  box.traces.take(invite());
  box.traces.take(answer("100 Trying"));
  box.traces.take(answer("200 OK"));
  box.traces.take(wire({ bytes: sip("ACK sip:8000@10.0.0.1 SIP/2.0", base("call-1", "1 ACK")) }));
  box.traces.take(invite("call-2"));
  const found = await box.traces.find(["call-1"]);
  expect(found.map(({ bytes }) => readMessage(bytes).label)).toEqual(["INVITE", "100 INVITE", "200 INVITE", "ACK"]);
  expect(await box.stored()).toHaveLength(4);
});

test("registrations and strangers stay in memory, and are bounded there", async () => {
  await using box = await open();
  for (let i = 0; i < 1_000; i++)
    box.traces.take(wire({ wireId: `r${i}`, bytes: sip("REGISTER sip:10.0.0.1 SIP/2.0", base(`r${i}`, "1 REGISTER")) }));
  expect(box.traces.recent()).toHaveLength(300);
  for (let i = 0; i < 3_000; i++) {
    box.traces.take(invite(`scan${i}`));
    box.traces.take(answer("403 Forbidden", `scan${i}`));
  }
  await box.clock.advance(120_000);
  await box.traces.tidy();
  expect(await box.stored()).toEqual([]);
  expect(box.traces.recent()).toHaveLength(300);
});

test("a call that was refused by a rule keeps its signalling, because it has a record", async () => {
  await using box = await open();
  const store = new CallStore({ db: box.db, clock: box.clock, log: silentLog, syncPersonalData: false });
  const call = await store.begin({ channel: "phone", callerNumber: "13800138000", dialled: "8000" });
  box.traces.take(invite("refused"));
  box.traces.take(answer("603 Decline", "refused"));
  const leg: CallLeg = { id: "l1", number: "13800138000", direction: "in", startedAt: 1, endedAt: 2, wireId: "refused" };
  await box.db.transact((tx) => tx.insertInto("call_leg").values(rowOfLeg(call.id, leg)).execute());
  await box.clock.advance(70_000);
  await box.traces.tidy();
  expect(await box.stored()).toHaveLength(2);
});

test("a flood of strangers costs no call its signalling, nor do thousands of calls at once", async () => {
  await using box = await open();
  for (let i = 0; i < 2_000; i++) {
    box.traces.take(invite(`call${i}`));
    box.traces.take(invite(`scan${i}`));
    box.traces.take(answer("403 Forbidden", `scan${i}`));
    box.traces.take(answer("200 OK", `call${i}`));
  }
  await box.traces.flush();
  expect(await box.stored()).toHaveLength(4_000);
  await box.clock.advance(120_000);
  await box.traces.tidy();
  expect(await box.traces.find(["call7", "scan7"])).toHaveLength(2);
});

test("one call may not fill the disk", async () => {
  await using box = await open();
  box.traces.take(invite());
  for (let i = 0; i < 2_000; i++) box.traces.take(answer("180 Ringing"));
  await box.traces.flush();
  expect(await box.stored()).toHaveLength(500);
});

test("what would let somebody log in or decrypt is taken out before anything is stored", () => {
  const bytes = sip(
    "INVITE sip:8000@10.0.0.1 SIP/2.0",
    [
      ...base("c", "2 INVITE"),
      'Authorization: Digest username="8001", realm="box", nonce="n", uri="sip:8000", response="6629fae49393a05397450978507c4ef1", cnonce="abc", qop=auth',
      'Proxy-Authorization: Digest username="x",response=deadbeef,realm="y"',
      "authorization: Basic dXNlcjpwYXNz",
    ],
    "v=0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR|2^20|1:32\r\nm=audio 4000 RTP/SAVP 8\r\n",
  );
  const text = Buffer.from(withoutSecrets(bytes)).toString();
  for (const secret of ["6629fae4", '"abc"', "deadbeef", "dXNlcjpwYXNz", "PS1uQCVe"]) expect(text).not.toContain(secret);
  for (const kept of ['username="8001"', 'realm="y"', "AES_CM_128_HMAC_SHA1_80", "m=audio 4000", "王先生"])
    expect(text).toContain(kept);
  const plain = invite().bytes;
  expect(withoutSecrets(plain)).toBe(plain);
});

test("numbers and names are masked for those who may not see them, extensions and hosts are not", () => {
  const text = withoutNumbers(
    'INVITE sip:13800138000@10.0.0.1:5060 SIP/2.0\r\nf: "王先生" <sip:13800138000@192.168.100.107>;tag=13800138000\r\nTo: <sip:8001@10.0.0.1>\r\nP-Asserted-Identity: <tel:+8613800138000>\r\nContact: <sip:192.168.100.107:5062>\r\n',
  );
  expect(text).toBe(
    'INVITE sip:138****8000@10.0.0.1:5060 SIP/2.0\r\nf: "***" <sip:138****8000@192.168.100.107>;tag=13800138000\r\nTo: <sip:8001@10.0.0.1>\r\nP-Asserted-Identity: <tel:+86****8000>\r\nContact: <sip:192.168.100.107:5062>\r\n',
  );
});

test("the capture is read by tshark: IPv4, IPv6 and what came by TLS", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sitebox-pcap-"));
  const file = join(folder, "call.pcap");
  await writeFile(
    file,
    pcapngOf([
      invite(),
      { ...answer("200 OK"), local: "[2001:db8::1]:5060", remote: "[fe80::7]:5062", at: 1_763_700_000_020.5 },
      {
        ...wire({ bytes: sip("BYE sip:8000@10.0.0.1 SIP/2.0", base("call-1", "2 BYE")) }),
        transport: "tls",
        local: "10.0.0.1:5061",
      },
    ]),
  );
  const fields = [
    "ip.src",
    "ipv6.dst",
    "udp.srcport",
    "udp.dstport",
    "sip.Method",
    "sip.Status-Code",
    "sip.Call-ID",
    "frame.comment",
  ];
  const checks = ["-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"];
  const { stdout } = await run("tshark", [
    "-r",
    file,
    ...checks,
    "-Y",
    "sip && !(udp.checksum.status == 0) && !(ip.checksum.status == 0)",
    "-T",
    "fields",
    "-E",
    "separator=|",
    ...fields.flatMap((field) => ["-e", field]),
  ]);
  expect(stdout.trimEnd().split("\n")).toEqual([
    "10.0.0.7||5062|5060|INVITE||call-1|",
    "|fe80::7|5060|5062||200|call-1|",
    "10.0.0.7||5062|5061|BYE||call-1|carried by TLS, shown as UDP",
  ]);
  await rm(folder, { recursive: true });
}, 30_000);

test("a leg that nothing came from says since when and from where", () => {
  const stats = { receivedPackets: 0, sentPackets: 500, lostPackets: 0, jitterMs: 0 };
  const leg: CallLeg = {
    ...{ id: "l1", number: "806", peer: "10.0.0.7:5060", direction: "in" as const },
    ...{ startedAt: 1_000, answeredAt: 2_000, endedAt: 12_000, stats },
  };
  const quiet = {
    atMs: 9_000,
    type: "fault",
    text: "ended: no RTP from 10.0.0.7:4000 since 12:01:03",
    data: { event: "given-up", from: "10.0.0.7:4000", since: "12:01:03", leg: "l1" },
  } as const;
  expect(mediaReasons(leg, [quiet], 0)).toEqual([{ code: "no-rtp", sinceAt: 2_000, from: "10.0.0.7:4000" }]);
  const bad = { receivedPackets: 900, sentPackets: 1_000, lostPackets: 100, jitterMs: 55, quietMs: 6_000, remoteLossPercent: 3 };
  expect(mediaReasons({ ...leg, stats: bad }, [], 0).map(({ code, value, sinceAt }) => [code, value ?? sinceAt])).toEqual([
    ["rtp-stopped", 6_000],
    ["loss", 10],
    ["far-loss", 3],
    ["jitter", 55],
  ]);
  expect(mediaReasons({ id: "l", number: "1", direction: "out", startedAt: 1 }, [], 0)).toEqual([]);
});

test("a leg over a modem or a card says what its device gave, and nothing of RTP, which it has not", () => {
  const stats = { receivedPackets: 0, sentPackets: 500, lostPackets: 500, jitterMs: 0 };
  const leg: CallLeg = {
    ...{ id: "l1", number: "13800138000", line: "mobile-1", codec: "L16", direction: "in" as const },
    ...{ startedAt: 1_000, answeredAt: 2_000, endedAt: 12_000, stats },
  };
  expect(mediaReasons(leg, [], 0)).toEqual([{ code: "no-sound", sinceAt: 2_000, from: "mobile-1" }]);
  const bad = { receivedPackets: 900, sentPackets: 1_000, lostPackets: 100, jitterMs: 0, quietMs: 6_000 };
  expect(mediaReasons({ ...leg, stats: bad }, [], 0)).toEqual([
    { code: "sound-stopped", sinceAt: 6_000, from: "mobile-1" },
    { code: "gaps", value: 10, from: "mobile-1" },
  ]);
  // A telephone at a card is no line; its device is its own.
  const { line: _, ...telephone } = { ...leg, number: "8101" };
  expect(mediaReasons(telephone, [], 0)).toMatchObject([{ code: "no-sound", from: "8101" }]);
  // A carrier's leg has a peer, a gateway's has too.
  expect(mediaReasons({ ...leg, peer: "10.0.0.7:5060" }, [], 0).map(({ code }) => code)).toEqual(["no-rtp"]);
});

test("the explanation puts timeline, legs and signalling together, and says them as text", async () => {
  await using box = await open();
  box.traces.take(invite());
  box.traces.take(answer("200 OK"));
  const stats = { receivedPackets: 0, sentPackets: 500, lostPackets: 0, jitterMs: 0 };
  const call: CallWithMoments = {
    id: CallId.parse("c1"),
    channel: "phone",
    callerNumber: "13800138000",
    dialled: "8000",
    state: "ended",
    startedAt: 1_763_700_000_000,
    ticketIds: [],
    hasRecording: false,
    moments: [{ atMs: 40, type: "decision", text: "assistant: the number is a service" }],
    legs: [
      {
        id: "l1",
        number: "13800138000",
        direction: "in",
        startedAt: 1_763_700_000_000,
        answeredAt: 1_763_700_000_000,
        endedAt: 1_763_700_009_000,
        wireId: "call-1",
        peer: "10.0.0.7:5062",
        stats,
      },
    ],
  };
  const explainer = new Explainer({
    clock: box.clock,
    traces: box.traces,
    calls: { find: async (id) => (id === "c1" ? call : undefined) },
    measured: async () => new Map(),
  });
  const why = await explainer.find("c1");
  expect(why?.wire.map(({ label, status }) => [label, status])).toEqual([
    ["INVITE", undefined],
    ["200 INVITE", 200],
  ]);
  if (!why) throw new Error("nothing was found");
  expect(explainer.text(why, "en")).toContain("no RTP from 10.0.0.7:5062 since");
  expect(explainer.text(why, "zh-CN")).toContain("没有收到 10.0.0.7:5062 的语音");
  expect((await explainer.pcap("c1"))?.length).toBeGreaterThan(500);
  expect(await explainer.find("c2")).toBeUndefined();
  expect(await explainer.pcap("c2")).toBeUndefined();
});

test("a leg that is up is explained by what is measured of it now", async () => {
  await using box = await open();
  const leg: CallLeg = { id: "l1", number: "806", direction: "in", startedAt: 1, answeredAt: 1 };
  const call: CallWithMoments = {
    id: CallId.parse("c1"),
    channel: "phone",
    callerNumber: "806",
    dialled: "8000",
    state: "agent",
    startedAt: 1,
    ticketIds: [],
    hasRecording: false,
    moments: [],
    legs: [leg],
  };
  const stats = { receivedPackets: 0, sentPackets: 250, lostPackets: 0, jitterMs: 0, remote: "10.0.0.7:4000" };
  const explainer = new Explainer({
    clock: box.clock,
    traces: box.traces,
    calls: { find: async () => call },
    measured: async () => new Map([["l1", { stats, codec: "PCMA" }]]),
  });
  expect((await explainer.find("c1"))?.legs).toEqual([
    { ...leg, stats, codec: "PCMA", reasons: [{ code: "no-rtp", sinceAt: 1, from: "10.0.0.7:4000" }] },
  ]);
});
