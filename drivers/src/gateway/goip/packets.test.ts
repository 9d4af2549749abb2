import fc from "fast-check";
import { expect, test } from "vitest";
import { parseGoipPacket, withoutPassword } from "./packets.ts";

const parse = (text: string) => parseGoipPacket(Buffer.from(text));
const show = (text: string, direction: "in" | "out") =>
  Buffer.from(withoutPassword(Buffer.from(text), direction)).toString("utf8");

test("a keep-alive is read field by field", () => {
  const packet = parse(
    "req:27;id:goip01;pass:secret;num:;signal:29;gsm_status:LOGIN;voip_status:LOGOUT;imsi:460060172091324;pro:CHINA UNICOM;CELLINFO:LAC:7E5,CELL ID:5E5B;CGATT:Y;",
  );
  expect(packet).toMatchObject({ type: "keep-alive", count: "27" });
  const fields = packet?.type === "keep-alive" ? packet.fields : new Map<string, string>();
  expect([fields.get("id"), fields.get("num"), fields.get("signal"), fields.get("cellinfo")]).toEqual([
    "goip01",
    "",
    "29",
    "LAC:7E5,CELL ID:5E5B",
  ]);
});

test("a text is the rest of its packet, whatever is in it and however the packet ends", () => {
  const texts = fc.string({ unit: "grapheme" }).filter((text) => text.isWellFormed() && !/[\0\r\n]$/.test(text));
  fc.assert(
    fc.property(texts, fc.constantFrom("", "\n", "\r\n", "\0"), (text, end) => {
      const packet = parse(`RECEIVE:1700000000;id:goip01;password:secret;srcnum:+8613900139000;msg:${text}${end}`);
      const fields = packet?.type === "news" ? packet.fields : new Map<string, string>();
      expect([fields.get("srcnum"), fields.get("msg")]).toEqual(["+8613900139000", text]);
    }),
  );
});

test("answers are read with the number that they are to", () => {
  expect(parse("PASSWORD 12\n")).toEqual({ type: "reply", word: "PASSWORD", sendId: "12", rest: "" });
  expect(parse("OK 12 1 7\n")).toEqual({ type: "reply", word: "OK", sendId: "12", rest: "1 7" });
  expect(parse("USSD 12 余额: 1\n第二行\0")).toEqual({ type: "reply", word: "USSD", sendId: "12", rest: "余额: 1\n第二行" });
});

test("what is no packet is none", () => {
  for (const text of ["", "hello", "req:x;id:1;", "RECEIVE 12x", "\0\0\0"]) expect(parse(text)).toBeUndefined();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseGoipPacket(bytes)));
});

test("passwords are not shown, and texts are as they are", () => {
  expect(show("req:1;id:goip01;pass:secret;num:1;", "in")).toBe("req:1;id:goip01;pass:***;num:1;");
  expect(show("RECEIVE:1;id:goip01;password:secret;srcnum:1;msg:password:secret;报修", "in")).toBe(
    "RECEIVE:1;id:goip01;password:***;srcnum:1;msg:password:secret;报修",
  );
  expect(show("PASSWORD 7 secret\n", "out")).toBe("PASSWORD 7 ***\n");
  expect(show("USSD 7 secret *100#\n", "out")).toBe("USSD 7 *** *100#\n");
  expect(show("MSG 7 6 报修\n", "out")).toBe("MSG 7 6 报修\n");
  expect(show("USSD 7 余额: 12.50元", "in")).toBe("USSD 7 余额: 12.50元");
});

test("a password is not shown wherever a firmware puts it", () => {
  expect(show("req:1;pass:secret;num:1;id:goip01;", "in")).toBe("req:1;pass:***;num:1;id:goip01;");
  expect(show("STATE:7;state:IDLE;id:goip01;password:secret", "in")).toBe("STATE:7;state:IDLE;id:goip01;password:***");
  expect(show("RECEIVE:7;srcnum:1;id:goip01;password:secret;msg:a;pass:b", "in")).toBe(
    "RECEIVE:7;srcnum:1;id:goip01;password:***;msg:a;pass:b",
  );
});

test("a text in GBK is read, and one that was cut within a character as far as it goes", () => {
  const textOf = (bytes: Buffer) => {
    const packet = parseGoipPacket(Buffer.concat([Buffer.from("RECEIVE:7;id:goip01;password:x;srcnum:1;msg:"), bytes]));
    return packet?.type === "news" ? packet.fields.get("msg") : undefined;
  };
  expect(textOf(Buffer.from("d3e0b6ee", "hex"))).toBe("余额");
  expect(textOf(Buffer.concat([Buffer.from("空调坏了").subarray(0, 11), Buffer.from("\0")]))).toBe("空调坏");
});
