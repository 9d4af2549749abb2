import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeIncoming,
  decodeSubmit,
  encodeDeliver,
  encodeStatusReport,
  encodeSubmit,
  PduError,
  splitText,
  textOf,
  unpackText,
} from "./index.ts";
import { anyText } from "./testing/index.ts";

/** Reads or refuses in our own words; anything else is a crash. */
function readOrRefuse(hex: string): void {
  for (const decode of [decodeIncoming, decodeSubmit]) {
    try {
      const pdu = decode(hex);
      if (pdu.type !== "status-report") expect(textOf([pdu.content]).isWellFormed()).toBe(true);
    } catch (error) {
      expect(error).toBeInstanceOf(PduError);
    }
  }
}

const good = fc.oneof(
  anyText.map((text) => {
    const parts = splitText(text);
    const concatenation = { reference: 3, total: parts.length, part: 1 };
    const content = parts[0] ?? { alphabet: "gsm", septets: [] };
    return encodeDeliver({ from: "+8613800138000", sentAt: 0, content, ...(parts.length > 1 && { concatenation }) }).hex;
  }),
  fc.constant(encodeStatusReport({ reference: 4, to: "13800138000", status: 0, sentAt: 0, at: 1_000 }).hex),
  anyText.map((text) => {
    const content = splitText(text)[0] ?? { alphabet: "gsm", septets: [] };
    return encodeSubmit({ to: "10086", report: true, validityMinutes: 60, content }).hex;
  }),
);

test("any bytes are read or refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      readOrRefuse(Buffer.from(bytes).toString("hex"));
      unpackText(bytes);
    }),
    { numRuns: 2_000 },
  );
});

test("good PDUs with octets changed, cut off and put in are read or refused", () => {
  const change = fc.record({ at: fc.nat(180), octet: fc.nat(255), how: fc.constantFrom("set", "cut", "insert", "drop") });
  fc.assert(
    fc.property(good, fc.array(change, { minLength: 1, maxLength: 5 }), (hex, changes) => {
      let bytes = [...Buffer.from(hex, "hex")];
      for (const { at, octet, how } of changes) {
        if (how === "set") bytes[at % bytes.length] = octet;
        else if (how === "cut") bytes = bytes.slice(0, Math.max(1, at % bytes.length));
        else if (how === "insert") bytes.splice(at % bytes.length, 0, octet);
        else if (bytes.length > 1) bytes.splice(at % bytes.length, 1);
      }
      readOrRefuse(Buffer.from(bytes).toString("hex"));
    }),
    { numRuns: 3_000 },
  );
});

test("any text that is no PDU is refused", () => {
  fc.assert(fc.property(fc.string(), readOrRefuse));
});

test("any text goes through SUBMIT and DELIVER in any number of parts", () => {
  fc.assert(
    fc.property(anyText, fc.nat(65_535), fc.boolean(), (text, reference, wide) => {
      const parts = splitText(text, { wide });
      const got = parts.map((content, at) => {
        const concatenation = { reference: wide ? reference : reference & 0xff, total: parts.length, part: at + 1, wide };
        const several = parts.length > 1 && { concatenation };
        const submit = decodeSubmit(encodeSubmit({ to: "+8613800138000", report: true, content, ...several }).hex);
        if (parts.length > 1) expect({ wide: false, ...submit.concatenation }).toEqual(concatenation);
        const deliver = decodeIncoming(encodeDeliver({ ...submit, from: submit.to, sentAt: 0 }).hex);
        if (deliver.type !== "deliver") throw new Error(deliver.type);
        return deliver.content;
      });
      expect(textOf(got)).toBe(text.toWellFormed());
    }),
  );
});
