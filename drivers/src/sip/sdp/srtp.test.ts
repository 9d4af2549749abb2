import { describe, expect, test } from "vitest";
import { parseCrypto } from "./crypto.ts";
import { described, keysFrom, localAudio } from "./ends.testing.ts";
import {
  formatSdp,
  makeAnswer,
  makeOffer,
  type OfferAnswer,
  rollback,
  type SrtpPolicy,
  startOfferAnswer,
  takeAnswer,
  takeOffer,
} from "./index.ts";

/** The example of RFC 4568 §9: key and salt of 30 bytes. */
const KEY = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
const OTHER = "NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj";
const SHA80 = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`;

const keys = keysFrom(7);
const policy = (srtp: SrtpPolicy) => localAudio({ srtp, newKey: keys });
const fresh = () => startOfferAnswer("5");

function answered(local: ReturnType<typeof localAudio>, lines: readonly string[], session: OfferAnswer = fresh()) {
  const taken = takeOffer(session, described(...lines), local);
  const made = taken.type === "taken" ? makeAnswer(taken.next, local) : taken;
  return made.type === "answered" ? made : undefined;
}

function offered(local: ReturnType<typeof localAudio>, session: OfferAnswer = fresh(), options = {}) {
  const made = makeOffer(session, local, options);
  if (made.type !== "offered") throw new Error(made.type);
  return { ...made, text: formatSdp(made.offer) };
}

const keysIn = (text: string) => [...text.matchAll(/a=crypto:[0-9]+ [^ ]+ inline:(\S+)/g)].map(([, key]) => key);

describe("what is answered", () => {
  test.for([
    // policy, offer: protocol of the answer and whether it is SRTP; undefined is 488
    ["off", "RTP/AVP", false, "RTP/AVP", false],
    ["off", "RTP/AVP", true, "RTP/AVP", false],
    ["off", "RTP/SAVP", true, undefined, false],
    ["accept", "RTP/AVP", false, "RTP/AVP", false],
    ["accept", "RTP/AVP", true, "RTP/AVP", true],
    ["accept", "RTP/SAVP", true, "RTP/SAVP", true],
    ["accept", "RTP/SAVP", false, undefined, false],
    ["accept", "RTP/SAVPF", true, "RTP/SAVPF", true],
    ["prefer", "RTP/AVP", false, "RTP/AVP", false],
    ["prefer", "RTP/AVP", true, "RTP/AVP", true],
    ["require", "RTP/AVP", false, undefined, false],
    ["require", "RTP/AVP", true, "RTP/AVP", true],
    ["require", "RTP/SAVP", true, "RTP/SAVP", true],
  ] as const)("%s: to %s with a key: %s, it is %s with SRTP %s", ([srtp, protocol, keyed, answer, secured]) => {
    const made = answered(policy(srtp), [`m=audio 4000 ${protocol} 8`, ...(keyed ? [SHA80] : [])]);
    expect([made?.answer.media[0]?.protocol, made?.agreement.remote.srtp !== undefined]).toEqual([answer, secured]);
  });

  test("has the tag of the line that it takes, and a key of its own", () => {
    const line = `a=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:${KEY}`;
    const made = answered(policy("accept"), ["m=audio 4000 RTP/SAVP 8", "a=crypto:1 F8_128_HMAC_SHA1_80 inline:x", line]);
    const text = made ? formatSdp(made.answer) : "";
    expect(text).toMatch(/a=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:/);
    const { local, remote } = made?.agreement.remote.srtp ?? {};
    expect(Buffer.from(remote?.masterKeyAndSalt ?? []).toString("base64")).toBe(KEY);
    expect(keysIn(text)).toEqual([Buffer.from(local?.masterKeyAndSalt ?? []).toString("base64")]);
    expect(remote?.suite).toBe("AES_CM_128_HMAC_SHA1_32");
  });

  test("prefers the stream with SRTP where both are offered", () => {
    const made = answered(policy("accept"), ["m=audio 4000 RTP/AVP 8", "m=audio 4002 RTP/SAVP 8", SHA80]);
    expect(made?.answer.media.map(({ port }) => port)).toEqual([0, 10_000]);
  });
});

describe("a line of keys", () => {
  test.for([
    ["", true],
    ["|2^31", true],
    ["|1048576", true],
    ["|2^20", true],
    // A key that would not last a call, or longer than the suite allows.
    ["|2^19", false],
    ["|1000", false],
    ["|2^49", false],
    // An identifier in every packet.
    ["|2^20|1:4", false],
    ["|1:4", false],
    // Several keys.
    [`|2^20|1:4;inline:${OTHER}|2^20|2:4`, false],
    [`;inline:${OTHER}`, false],
    [" WSH=64", true],
    [" KDR=0", true],
    [" -x=y", true],
    [" KDR=24", false],
    [" UNENCRYPTED_SRTP", false],
    [" UNENCRYPTED_SRTCP", false],
    [" UNAUTHENTICATED_SRTP", false],
    [" FEC_ORDER=FEC_SRTP", false],
    [" mystery", false],
  ] as const)("with %j is spoken: %s", ([rest, spoken]) => {
    expect(parseCrypto(`1 AES_CM_128_HMAC_SHA1_80 inline:${KEY}${rest}`) !== undefined).toBe(spoken);
  });

  test.for([
    "",
    "1",
    `x AES_CM_128_HMAC_SHA1_80 inline:${KEY}`,
    `1 AES_256_CM_HMAC_SHA1_80 inline:${KEY}`,
    `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY.slice(1)}`,
    `1 AES_CM_128_HMAC_SHA1_80 uri:${KEY}`,
    `1 AES_CM_128_HMAC_SHA1_80 inline:${KEY.slice(0, 39)}!`,
  ])("%j is none that we speak", (value) => {
    expect(parseCrypto(value)).toBeUndefined();
  });
});

describe("what is offered", () => {
  test.for([
    ["off", "RTP/AVP", 0],
    ["accept", "RTP/AVP", 0],
    ["prefer", "RTP/AVP", 2],
    ["require", "RTP/SAVP", 2],
  ] as const)("%s: %s with %s keys, each used once", ([srtp, protocol, count]) => {
    const { text } = offered(policy(srtp));
    expect(text).toContain(`m=audio 10000 ${protocol} `);
    expect(new Set(keysIn(text)).size).toBe(count);
  });

  test.for([
    ["prefer", "RTP/AVP", [], "plain"],
    ["prefer", "RTP/AVP", [SHA80], "secured"],
    ["prefer", "RTP/SAVP", [SHA80], "secured"],
    ["prefer", "RTP/SAVP", [], "refused"],
    ["prefer", "RTP/AVP", [SHA80.replace("crypto:1", "crypto:2")], "refused"],
    ["prefer", "RTP/AVP", [SHA80.replace("crypto:1", "crypto:9")], "refused"],
    ["require", "RTP/SAVP", [SHA80], "secured"],
    ["require", "RTP/AVP", [SHA80], "secured"],
    ["require", "RTP/SAVP", [], "refused"],
    ["require", "RTP/AVP", [], "refused"],
    ["require", "RTP/SAVP", [`${SHA80}|1:4`], "refused"],
    ["accept", "RTP/AVP", [SHA80], "plain"],
    ["accept", "RTP/SAVP", [SHA80], "refused"],
  ] as const)("%s, answered %s with %j: %s", ([srtp, protocol, lines, outcome]) => {
    const { next } = offered(policy(srtp));
    const taken = takeAnswer(next, described(`m=audio 4000 ${protocol} 8`, ...lines));
    const found = taken.type === "agreed" ? (taken.agreement.remote.srtp ? "secured" : "plain") : taken.type;
    expect(found).toBe(outcome);
  });
});

describe("in mid-call", () => {
  const secured = () => {
    const made = answered(policy("accept"), ["m=audio 4000 RTP/SAVP 8", SHA80]);
    if (!made) throw new Error("refused");
    return made;
  };

  test("keys stay as long as both ends keep theirs", () => {
    const { next, agreement } = secured();
    const again = answered(policy("accept"), ["m=audio 4000 RTP/SAVP 8", SHA80, "a=sendonly"], next);
    expect(again?.agreement.remote.srtp).toEqual(agreement.remote.srtp);
    const { text } = offered(policy("accept"), next);
    expect(text).toContain("RTP/SAVP");
    expect(keysIn(text)).toEqual([Buffer.from(agreement.remote.srtp?.local.masterKeyAndSalt ?? []).toString("base64")]);
  });

  test("a far end with a new key gets a new one of ours, and so does one that asks for an offer", () => {
    const { next, agreement } = secured();
    const old = agreement.remote.srtp?.local;
    const again = answered(policy("accept"), ["m=audio 4000 RTP/SAVP 8", SHA80.replace(KEY, OTHER)], next);
    expect(again?.agreement.remote.srtp?.local).not.toEqual(old);
    const anew = offered(policy("accept"), next, { anew: true });
    expect(keysIn(anew.text)).not.toContain(Buffer.from(old?.masterKeyAndSalt ?? []).toString("base64"));
  });

  test("one who requires SRTP is not talked out of it", () => {
    const local = policy("require");
    const made = answered(local, ["m=audio 4000 RTP/AVP 8", SHA80]);
    if (!made) throw new Error("refused");
    expect(takeOffer(made.next, described("m=audio 4000 RTP/AVP 8"), local)).toMatchObject({ type: "refused", next: made.next });
    const again = offered(local, made.next);
    expect(takeAnswer(again.next, described("m=audio 4000 RTP/AVP 8"))).toMatchObject({
      type: "refused",
      next: rollback(again.next),
    });
  });

  test("a far end that goes back to plain RTP, or from it to SRTP, is followed where it is no matter", () => {
    const { next, agreement } = secured();
    const plain = answered(policy("accept"), ["m=audio 4000 RTP/AVP 8"], next);
    expect(plain?.agreement.remote.srtp).toBeUndefined();
    const back = answered(policy("accept"), ["m=audio 4000 RTP/SAVP 8", SHA80], plain?.next);
    expect(back?.agreement.remote.srtp?.local).toBeDefined();
    expect(back?.agreement.remote.srtp?.local).not.toEqual(agreement.remote.srtp?.local);
  });
});
