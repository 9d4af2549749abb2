import fc from "fast-check";
import { expect, test } from "vitest";
import { headerOf, listOf, parseMessage, refusalOf, responseTo, type SipRequest, serialize, tagOf } from "./index.ts";

const lines = (...text: string[]) => Buffer.from(text.join("\r\n"));

const invite = lines(
  "INVITE sip:8000@box.example;user=phone SIP/2.0",
  "Via: SIP/2.0/UDP [2001:db8::1]:5070;branch=z9hG4bK1;rport, SIP/2.0/TCP b.example;branch=z9hG4bK0",
  'f: "Zhang, \\"San\\"" <sip:%e5%bc%a0@[2001:db8::1]>;tag=a1',
  "t: sip:8000@box.example",
  "i: abc@host",
  "CSeq: 7 INVITE",
  "m: <sip:a@[2001:db8::1]:5070;transport=tcp>;expires=3600,",
  " sip:b@host;q=0.5",
  "Max-Forwards: 70",
  "Subject: folded",
  "\tsubject",
  "c: application/sdp",
  "l: 4",
  "",
  "v=0\nrest that the length leaves out",
);

const read = (bytes: Uint8Array): SipRequest => {
  const message = parseMessage(bytes);
  if (message.type !== "request") throw new Error(JSON.stringify(message));
  return message;
};

const faultOf = (bytes: Uint8Array) => {
  const message = parseMessage(bytes);
  return message.type === "malformed" ? message.status : "read";
};

/** The example with one header replaced, or left out. */
const changed = (name: string, line?: string) =>
  Buffer.from(
    invite
      .toString()
      .split("\r\n")
      .flatMap((old) => (old.startsWith(name) ? (line === undefined ? [] : [line]) : [old]))
      .join("\r\n"),
  );

test("reads compact forms, folded lines, lists, quoted names and IPv6 hosts", () => {
  const message = read(invite);
  expect(message.uri).toMatchObject({ scheme: "sip", user: "8000", host: "box.example" });
  expect(message.vias).toMatchObject([
    { transport: "UDP", host: "2001:db8::1", port: 5070 },
    { transport: "TCP", host: "b.example" },
  ]);
  expect(message.from.displayName).toBe('Zhang, "San"');
  expect([tagOf(message.from), tagOf(message.to), message.callId]).toEqual(["a1", undefined, "abc@host"]);
  expect(message.cseq).toEqual({ number: 7, method: "INVITE" });
  expect(listOf(message, "contact")).toEqual(["<sip:a@[2001:db8::1]:5070;transport=tcp>;expires=3600", "sip:b@host;q=0.5"]);
  expect(headerOf(message, "subject")).toBe("folded subject");
  expect(Buffer.from(message.body).toString()).toBe("v=0\n");
});

test("what is written reads the same again", () => {
  const message = read(invite);
  expect(parseMessage(serialize(message))).toEqual({ ...message, body: expect.anything() });
  const response = responseTo(message, 200, { toTag: "b2", headers: [["contact", "<sip:x@y>"]], body: Buffer.from("v=0") });
  expect(parseMessage(serialize(response))).toEqual({ ...response, body: expect.anything() });
});

test.for([
  ["a start line with another version is 505", changed("INVITE", "INVITE sip:a@b SIP/3.0"), 505],
  ["a space in the Request-URI", changed("INVITE", "INVITE sip:a b@c SIP/2.0"), 400],
  ["brackets around the Request-URI", changed("INVITE", "INVITE <sip:a@b> SIP/2.0"), 400],
  ["headers in the Request-URI", changed("INVITE", "INVITE sip:a@b?Route=x SIP/2.0"), 400],
  ["no From", changed("f:"), 400],
  ["two From", changed("f:", "f: <sip:a@b>;tag=1\r\nFrom: <sip:a@b>;tag=2"), 400],
  ["an open quote", changed("f:", 'f: "Zhang <sip:a@b>;tag=1'), 400],
  ["no To", changed("t:"), 400],
  ["no Call-ID", changed("i:"), 400],
  ["no Via", changed("Via:"), 400],
  ["too many Vias", changed("Via:", `Via: ${Array(65).fill("SIP/2.0/UDP h;branch=z9hG4bKx").join(",")}`), 400],
  ["a Via that cannot be read", changed("Via:", "Via: SIP/2.0/UDP"), 400],
  ["no CSeq", changed("CSeq:"), 400],
  ["a CSeq of 2^31", changed("CSeq:", "CSeq: 2147483648 INVITE"), 400],
  ["a CSeq of another method", changed("CSeq:", "CSeq: 7 OPTIONS"), 400],
  ["a Max-Forwards of 256", changed("Max-Forwards:", "Max-Forwards: 256"), 400],
  ["a body shorter than its length", changed("l:", "l: 4000"), 400],
  ["a negative length", changed("l:", "l: -1"), 400],
  ["a tag that comes twice", changed("f:", "f: <sip:a@b>;tag=1;tag=2"), 400],
  ["a header without a name", changed("Subject:", ": x"), 400],
  ["a line that ends in LF alone", changed("Subject:", "Subject: a\nX: b"), 400],
  ["no end of the head", lines("OPTIONS sip:a@b SIP/2.0", "CSeq: 1 OPTIONS"), 400],
  ["more than 64 KB", Buffer.alloc(65_537, "a"), 513],
  ["a port above 65535", changed("t:", "t: <sip:a@b:70000>"), 400],
  ["a host that is none", changed("t:", "t: <sip:a@1.2.3.400>"), 400],
  ["nothing at all", Buffer.alloc(0), 400],
] as const)("refuses %s", ([, bytes, status]) => {
  expect(faultOf(bytes)).toBe(status);
});

test("a status outside 100 to 699 is refused", () => {
  const rest = invite.toString().slice(invite.indexOf("\r\n"));
  expect([99, 100, 699, 700].map((status) => faultOf(Buffer.from(`SIP/2.0 ${status} x${rest}`)))).toEqual([
    400,
    "read",
    "read",
    400,
  ]);
});

test("empty lines before a message are passed over", () => {
  expect(read(Buffer.concat([lines("", "", ""), invite])).callId).toBe("abc@host");
});

test("the refusal of a malformed request repeats what the request says, with a tag of ours", () => {
  const malformed = parseMessage(changed("Max-Forwards:", "Max-Forwards: many"));
  if (malformed.type !== "malformed") throw new Error("it was read");
  const refusal = parseMessage(refusalOf(malformed, "ours") ?? Buffer.alloc(0));
  expect(refusal).toMatchObject({ type: "response", status: 400, callId: "abc@host", cseq: { number: 7, method: "INVITE" } });
  expect(refusal.type === "response" && tagOf(refusal.to)).toBe("ours");
});

test("a malformed ACK or response is not answered", () => {
  for (const start of ["ACK sip:a@b SIP/2.0", "SIP/2.0 200 OK"]) {
    const malformed = parseMessage(changed("INVITE", start));
    if (start.startsWith("ACK")) expect(malformed.type === "malformed" && refusalOf(malformed, "ours")).toBeUndefined();
  }
});

test("hostile input is refused in no time", () => {
  const spaces = " ".repeat(60_000);
  const hostile = [
    changed("Via:", `Via: SIP/2.0/UDP a${spaces}x`),
    changed("Via:", `Via: SIP/2.0/UDP a${spaces}:${spaces.slice(5_000)}`.slice(0, 60_000)),
    changed("Subject:", `Subject: x${"\r\n x".repeat(15_000)}`),
    changed("f:", `f: ${"<".repeat(60_000)}`),
    changed("f:", `f: sip:${"a.".repeat(30_000)}`),
    changed("m:", `m: ${'"\\'.repeat(20_000)}`),
    changed("INVITE", `INVITE ${"a ".repeat(30_000)}SIP/2.0 `),
  ];
  const startedAt = performance.now();
  for (const bytes of hostile) parseMessage(bytes);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

test("no change of any byte makes reading throw, and what is read can be written", () => {
  const change = fc.record({ at: fc.nat(invite.length), cut: fc.nat(8), insert: fc.uint8Array({ maxLength: 8 }) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 6 }), (changes) => {
      let bytes: Buffer = invite;
      for (const { at, cut, insert } of changes) bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + cut)]);
      const message = parseMessage(bytes);
      if (message.type === "malformed") refusalOf(message, "t");
      else expect(parseMessage(serialize(message)).type).toBe(message.type);
    }),
    { numRuns: 2_000 },
  );
});
