import fc from "fast-check";
import { expect, test } from "vitest";
import {
  escapeUser,
  formatCredentials,
  formatUri,
  parseCredentials,
  parseNameAddr,
  parseUri,
  parseVia,
  sipUri,
  userOf,
} from "./index.ts";

test.for([
  "sip:alice@atlanta.com",
  "sip:alice:secretword@atlanta.com;transport=tcp",
  "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
  "sip:+1-212-555-1212:1234@gateway.com;user=phone",
  "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
  "sip:alice;day=tuesday@atlanta.com",
  "sip:[2001:db8::10]:5070",
  "sip:8000@192.0.2.1:5060;lr",
  "tel:+8613812345678;phone-context=cn",
])("%s is written as it was read", (text) => {
  const uri = parseUri(text);
  expect(uri && formatUri(uri)).toBe(text);
});

test.for([
  "sip:",
  "sip:@host",
  "sip:a@",
  "sip:a@b@c",
  "sip:a@b:",
  "sip:a@b:123456",
  "sip:a@[::1",
  "sip:a@-b-",
  "sip:a@b;x=1;x=2",
  "sip:a%zz@b",
  "8000",
  "sip:a@b?",
])("%s is no URI", (text) => {
  expect(parseUri(text)).toBeUndefined();
});

test("any user part survives escaping, writing and reading", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (user) => {
      const uri = parseUri(formatUri(sipUri("box.example", { user })));
      expect(uri && userOf(uri)).toBe(Buffer.from(user).toString("utf8"));
      expect(escapeUser(user)).toMatch(/^[\x21-\x7e]+$/);
    }),
  );
});

test("escapes that are no UTF-8 do not throw", () => {
  const uri = parseUri("sip:%ff%00@host");
  expect(uri && userOf(uri)).toBe("\ufffd\0");
});

test("without brackets the parameters are the header's, and a comma is not allowed", () => {
  const address = parseNameAddr("sip:a@b;tag=x");
  expect([address?.uri.scheme === "sip" && address.uri.params.size, address?.params.get("tag")]).toEqual([0, "x"]);
  expect(parseNameAddr("sip:a@b?x=y;tag=x")).toBeUndefined();
  expect(parseNameAddr("Bell, A <sip:a@b>")).toBeUndefined();
  expect(parseNameAddr("<sip:a@b")).toBeUndefined();
});

test("a Via with spaces where the grammar allows them is read", () => {
  expect(parseVia("SIP / 2.0 / UDP  first.example.com : 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1")).toMatchObject(
    {
      transport: "UDP",
      host: "first.example.com",
      port: 4000,
    },
  );
});

test("credentials with commas and quotes in their values are read and written", () => {
  const text = 'Digest username="a,\\"b", realm="x", nc=00000001, qop=auth';
  const credentials = parseCredentials(text);
  expect(credentials?.params.get("username")).toBe('a,"b');
  expect(credentials && formatCredentials(credentials)).toBe(text);
  expect(parseCredentials("Digest a=1, a=2")).toBeUndefined();
  expect(parseCredentials("Digest opaque data")).toBeUndefined();
});
