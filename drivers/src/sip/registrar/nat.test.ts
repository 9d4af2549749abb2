import { expect, test } from "vitest";
import { parseMessage, parseUri, type SipRequest } from "../parser/index.ts";
import { isPrivate } from "../transports/index.ts";
import { cameThroughNat, isUnreachable } from "./index.ts";

test.for([
  ["127.0.0.1", true],
  ["10.1.2.3", true],
  ["172.16.0.1", true],
  ["172.32.0.1", false],
  ["192.168.1.1", true],
  ["169.254.1.1", true],
  ["203.0.113.5", false],
  ["::1", true],
  ["fd00::1", true],
  ["fe80::1", true],
  ["2001:db8::1", false],
  ["phone.example", false],
] as const)("%s is of the site itself: %s", ([address, expected]) => {
  expect(isPrivate(address)).toBe(expected);
});

function requestVia(via: string): SipRequest {
  const lines = [
    "OPTIONS sip:box SIP/2.0",
    `Via: ${via}`,
    "From: <sip:a@b>;tag=a",
    "To: <sip:box>",
    "Call-ID: c",
    "CSeq: 1 OPTIONS",
  ];
  const message = parseMessage(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`));
  if (message.type !== "request") throw new Error("not read");
  return message;
}

test.for([
  ["SIP/2.0/UDP 10.0.0.5;received=203.0.113.5;rport=40000", true],
  ["SIP/2.0/UDP 203.0.113.5:5060;received=203.0.113.5;rport=40000", true],
  ["SIP/2.0/UDP 203.0.113.5:5070;received=203.0.113.5;rport=5070", false],
  ["SIP/2.0/UDP 203.0.113.5;rport=5060;received=203.0.113.5", false],
  ["SIP/2.0/UDP 203.0.113.5:5070", false],
] as const)("%s came through a NAT: %s", ([via, expected]) => {
  expect(cameThroughNat(requestVia(via))).toBe(expected);
});

test.for([
  ["sip:a@10.0.0.5", "udp", "203.0.113.5", true],
  ["sip:a@10.0.0.5", "udp", "10.0.0.1", false],
  ["sip:a@203.0.113.9", "udp", "203.0.113.5", false],
  ["sip:a@0.0.0.0", "udp", "10.0.0.1", true],
  ["sip:a@10.0.0.1:39999", "tcp", "10.0.0.1", true],
  ["tel:8000", "udp", "10.0.0.1", true],
] as const)("a Contact of %s behind %s %s is out of reach: %s", ([contact, transport, host, expected]) => {
  const uri = parseUri(contact);
  if (!uri) throw new Error("not read");
  expect(isUnreachable(uri, { transport, host, port: 5060 })).toBe(expected);
});
