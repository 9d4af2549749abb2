import fc from "fast-check";
import { expect, test } from "vitest";
import { type Frame, StreamFramer } from "./framer.ts";

const message = (body: string) => `OPTIONS sip:a@b SIP/2.0\r\nl: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

function framesOf(chunks: readonly Uint8Array[]): Frame[] {
  const framer = new StreamFramer();
  return chunks.flatMap((chunk) => framer.push(chunk));
}

const text = (frame: Frame) => (frame.type === "message" ? Buffer.from(frame.bytes).toString() : frame.type);

test("any chunking gives the same messages", () => {
  const part = fc.oneof(fc.string({ maxLength: 40 }).map(message), fc.constant("\r\n\r\n"));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), fc.array(fc.nat(400)), (parts, cuts) => {
      const stream = Buffer.from(parts.join(""));
      const at = [0, ...cuts.filter((cut) => cut < stream.length).sort((a, b) => a - b), stream.length];
      const chunks = at.slice(1).map((end, index) => stream.subarray(at[index], end));
      expect(framesOf(chunks).map(text)).toEqual(parts.map((one) => (one === "\r\n\r\n" ? "ping" : one)));
    }),
  );
});

test.for([
  ["no Content-Length", "OPTIONS sip:a@b SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n"],
  ["a Content-Length that is no number", "OPTIONS sip:a@b SIP/2.0\r\nl: ten\r\n\r\n"],
  ["a body beyond 64 KB", "OPTIONS sip:a@b SIP/2.0\r\nl: 99999\r\n\r\n"],
  ["a head beyond 64 KB", `OPTIONS sip:a@b SIP/2.0\r\nX: ${"a".repeat(70_000)}`],
  ["a line end that is none", "\rOPTIONS"],
])("%s breaks the stream, and nothing is read after it", ([, bytes]) => {
  const framer = new StreamFramer();
  expect(framer.push(Buffer.from(bytes ?? "")).map(({ type }) => type)).toEqual(["broken"]);
  expect(framer.push(Buffer.from(message("")))).toEqual([]);
});

test("one empty line between messages is passed over", () => {
  expect(framesOf([Buffer.from(`\r\n${message("x")}`)]).map(text)).toEqual([message("x")]);
});
