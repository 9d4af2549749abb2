import { expect, test } from "vitest";
import { packSeptets, septetsOf, textOfSeptets, unpackSeptets } from "./alphabet.ts";
import {
  decodeIncoming,
  decodeSubmit,
  encodeDeliver,
  encodeSubmit,
  PduError,
  packText,
  splitText,
  textOf,
  unpackText,
} from "./index.ts";
import { decodeValidity, encodeValidity } from "./timestamp.ts";

const hexOf = (text: string) =>
  Buffer.from(packSeptets(septetsOf(text)?.flat() ?? []))
    .toString("hex")
    .toUpperCase();

/** One message's only part. */
function contentOf(text: string) {
  const [content] = splitText(text);
  if (!content) throw new Error("no part");
  return content;
}

test.for([
  ["hellohello", "E8329BFD4697D9EC37"],
  ["How are you?", "C8F71D14969741F977FD07"],
  ["1234567", "31D98C56B3DD00"],
  ["hellohello {€}", "E8329BFD4697D9EC376883DA943729"],
] as const)("%s is packed as the specification shows", ([text, hex]) => {
  expect(hexOf(text)).toBe(hex);
  expect(textOfSeptets(unpackSeptets(Buffer.from(hex, "hex"), septetsOf(text)?.flat().length ?? 0))).toBe(text);
});

test("the SUBMIT that is cited everywhere is read, and written octet by octet", () => {
  const hex = "0011000B916407281553F80000AA0AE8329BFD4697D9EC37";
  const submit = decodeSubmit(hex);
  expect(submit).toMatchObject({ to: "+46708251358", reference: 0, validityMinutes: 4 * 24 * 60, report: false });
  expect(textOf([submit.content])).toBe("hellohello");
  expect(encodeSubmit(submit)).toEqual({ hex, length: 23 });
});

test.for([
  {
    hex: "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37",
    serviceCentre: "+27381000015",
    from: "27838890001",
    sentAt: Date.UTC(1999, 2, 29, 13, 16, 59),
    text: "hellohello",
  },
  {
    hex: "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07",
    serviceCentre: "+31624000000",
    from: "+31641600986",
    sentAt: Date.UTC(2002, 7, 26, 19, 37, 41),
    text: "How are you?",
  },
  // An alphanumeric sender, 8 hours west.
  {
    hex: "000407D0C2B07B0D00004210315130042B0141",
    serviceCentre: undefined,
    from: "Bank",
    sentAt: Date.UTC(2024, 0, 13, 23, 3, 40),
    text: "A",
  },
])("the DELIVER $hex is read", ({ hex, text, sentAt, from, serviceCentre }) => {
  const deliver = decodeIncoming(hex);
  if (deliver.type !== "deliver") throw new Error(deliver.type);
  expect([deliver.from, deliver.serviceCentre, textOf([deliver.content])]).toEqual([from, serviceCentre, text]);
  expect(deliver.sentAt).toBe(sentAt);
});

test("a status report is read with its outcome", () => {
  const hex = (status: string) => `0006D60B911326880736F41110117195514011101171957140${status}`;
  expect(decodeIncoming(hex("00"))).toEqual({
    type: "status-report",
    reference: 0xd6,
    to: "+31628870634",
    outcome: "delivered",
    status: 0,
    at: Date.UTC(2011, 0, 11, 16, 59, 17),
  });
  const outcomes = ["02", "30", "46", "61"].map((status) => {
    const report = decodeIncoming(hex(status));
    return report.type === "status-report" && report.outcome;
  });
  expect(outcomes).toEqual(["delivered", "trying", "failed", "failed"]);
});

test("a Chinese text is UCS2, behind the service centre where one is stated", () => {
  const encoded = encodeSubmit({
    serviceCentre: "+8613800100500",
    to: "13912345678",
    report: true,
    validityMinutes: 24 * 60,
    content: contentOf("806空调"),
  });
  expect(encoded).toEqual({ hex: `0891683108100005F0${"31000B813119325476F80008A70A0038003000367A7A8C03"}`, length: 24 });
});

test.for([
  ["10086", "05810180F6"],
  ["106575257", "098101565752F7"],
  ["+8613800138000", "0D91683108108300F0"],
  ["*100#", "05811A00FB"],
  ["0abc", "0481C0ED"],
  ["Bank", "07D0C2B07B0D"],
] as const)("the number %s is %s", ([address, hex]) => {
  const pdu = encodeDeliver({ from: address, sentAt: 0, content: contentOf("1") });
  expect(pdu.hex.slice(4, 4 + hex.length)).toBe(hex);
  const deliver = decodeIncoming(pdu.hex);
  expect(deliver.type === "deliver" && deliver.from).toBe(address);
});

test.for([
  [480, 1_700_000_000_000],
  [0, 1_700_000_000_000],
  [-210, 1_735_689_599_000],
  [-720, 1_709_164_800_000],
  [345, 951_782_400_000],
] as const)("a clock %d minutes east of Greenwich tells the same instant", ([zoneMinutes, at]) => {
  const deliver = decodeIncoming(encodeDeliver({ from: "10086", sentAt: at, zoneMinutes, content: contentOf("") }).hex);
  expect(deliver.type === "deliver" && deliver.sentAt).toBe(at);
});

test.for(["FFFFFFFFFFFFFF", "00000000000000", "32312161310232", "3211516131A232"])(
  "a time that is none (%s) leaves the text readable",
  (stamp) => {
    const { hex } = encodeDeliver({ from: "10086", sentAt: 0, content: contentOf("余额") });
    const deliver = decodeIncoming(hex.replace(/(F60008)[0-9A-F]{14}/, `$1${stamp}`));
    expect(deliver.type === "deliver" && [deliver.sentAt, textOf([deliver.content])]).toEqual([undefined, "余额"]);
  },
);

test("a validity that is not below the wish is chosen", () => {
  for (const minutes of [1, 5, 6, 719, 720, 721, 1_440, 1_441, 43_200, 43_201, 635_040, 10_000_000]) {
    const octet = encodeValidity(minutes);
    expect(decodeValidity(octet)).toBeGreaterThanOrEqual(Math.min(minutes, 635_040));
    if (octet > 0) expect(decodeValidity(octet - 1)).toBeLessThan(Math.max(minutes, 6));
  }
});

/** A DELIVER of the GSM alphabet with this header behind its length. */
function headed(header: string, septets: readonly number[]): string {
  const octets = header.length / 2 + 1;
  const fill = (7 - ((octets * 8) % 7)) % 7;
  const body = Buffer.from(packSeptets(septets, fill)).toString("hex");
  const length = Math.ceil((octets * 8) / 7) + septets.length;
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  return `00440581${"0180F6"}000032115161310232${hex(length)}${hex(octets - 1)}${header}${body}`;
}

const deliverOf = (hex: string) => {
  const deliver = decodeIncoming(hex);
  if (deliver.type !== "deliver") throw new Error(deliver.type);
  return deliver;
};

test("a text with a national table that we do not have is kept, with marks where it cannot be read", () => {
  const septets = [0x41, 0x62, 0x31, 0x20, 0x04, 0x1b, 0x53, 0x63];
  expect(textOf([deliverOf(headed("240101", septets)).content])).toBe("Ab1 è\ufffdc");
  expect(textOf([deliverOf(headed("250101", septets)).content])).toBe("Ab1 \ufffdSc");
});

test("application ports and unknown elements are passed over", () => {
  const deliver = deliverOf(headed("0504158115817f020102", septetsOf("ring")?.flat() ?? []));
  expect([deliver.ports, textOf([deliver.content])]).toEqual([{ destination: 0x1581, source: 0x1581 }, "ring"]);
});

test.for(["0003010200", "0003010203", "0003010000", "0003", "00030102", "0005010203"])(
  "a header that makes no sense (%s) is passed over, not the text",
  (header) => {
    const deliver = deliverOf(headed(header, septetsOf("text")?.flat() ?? []));
    expect([deliver.concatenation, textOf([deliver.content])]).toEqual([undefined, "text"]);
  },
);

test.for([
  ["", /ends within the length of the service centre/],
  ["0", /half an octet/],
  ["00zz", /no hexadecimal digit at its character 3/],
  ["0791", /ends within the service centre: at octet 1 it needs 7, there are 1/],
  ["0004", /ends within the length of the sender/],
  ["0004FF91", /the sender states 255 digits/],
  ["00040B91134661", /ends within the sender/],
  ["0001", /no text \(message type 1\)/],
  ["00040581" + "0180F6" + "0000" + "32115161310232" + "0AE832", /ends within the text: at octet \d+ it needs 9, there are 2/],
  ["00440581" + "0180F6" + "0008" + "32115161310232" + "02" + "0561", /header of the text states 5 octets, the text has 2/],
] as const)("%s is refused with where it is wrong", ([hex, message]) => {
  expect(() => decodeIncoming(hex)).toThrow(PduError);
  expect(() => decodeIncoming(hex)).toThrow(message);
});

test("what no message can carry is refused before it is sent", () => {
  const base = { to: "10086", report: false, content: contentOf("1") };
  expect(() => encodeSubmit({ ...base, to: "" })).toThrow(/recipient/);
  expect(() => encodeSubmit({ ...base, to: "一二三" })).toThrow(/recipient/);
  expect(() => encodeSubmit({ ...base, to: "1".repeat(21) })).toThrow(/recipient/);
  expect(() => encodeSubmit({ ...base, serviceCentre: "x" })).toThrow(/service centre/);
  expect(() => encodeSubmit({ ...base, content: { alphabet: "ucs2", units: "长".repeat(71) } })).toThrow(/140 octets/);
});

test("a flash and a silent message are told apart", () => {
  const { hex } = encodeDeliver({ from: "10086", sentAt: 0, content: contentOf("1") });
  expect(deliverOf(hex.replace("F60000", "F60010")).flash).toBe(true);
  expect(deliverOf(hex.replace("F60000", "F600F0")).flash).toBe(true);
  expect(deliverOf(hex.replace("F60000", "F64000"))).toMatchObject({ silent: true, flash: false });
});

test.for([
  ["*100#", "AA180C3602"],
  ["1234567", "31D98C56B3DD1A"],
  ["12345678", "31D98C56B3DD70"],
] as const)("the service code %s is packed as %s", ([code, hex]) => {
  expect(packText(code)).toBe(hex);
  expect(unpackText(Buffer.from(hex, "hex"))).toBe(code);
  expect(packText("余额")).toBeUndefined();
});
