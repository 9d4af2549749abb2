import fc from "fast-check";
import { expect, test } from "vitest";
import { localAudio } from "./ends.testing.ts";
import { formatSdp, makeAnswer, parseSdp, startOfferAnswer, takeOffer } from "./index.ts";

test.for([
  "",
  "hello",
  "v=1",
  "v=0\r\ns=-",
  "v=0\r\no=- 1 1 IN IP4 a\r\nm=audio",
  "v=0\r\no=- 1 1 IN IP4 a\r\nm=audio 99999 RTP/AVP 8",
  "v=0\r\no=- 1 1 ATM X a",
  "v=0\r\nnonsense",
])("%j is no description", (text) => {
  expect(parseSdp(text)).toBeUndefined();
});

test("lines may end in LF alone, and a port may say how many there are", () => {
  const read = parseSdp("v=0\no=- 1 1 IN IP4 192.0.2.1\nm=audio 4/2 RTP/AVP 8\nc=IN IP4 224.2.1.1/127\na=x:y:z\n");
  expect(read?.media).toEqual([
    { kind: "audio", port: 4, protocol: "RTP/AVP", formats: ["8"], connection: "224.2.1.1", attributes: [["x", "y:z"]] },
  ]);
});

const line = fc.oneof(
  fc.string(),
  fc.constantFrom(
    "v=0",
    "o=- 1 1 IN IP4 192.0.2.1",
    "c=IN IP4 192.0.2.1",
    "c=IN IP4 0.0.0.0",
    "m=audio 4 RTP/AVP 8 101",
    "m=audio 4 RTP/SAVP 0 9 101",
    "m=audio 0 RTP/AVP 8",
    "m=video 4 RTP/AVP 31",
    "m=image 4 udptl t38",
    "a=sendonly",
    "a=inactive",
    "a=ptime:30",
    "a=rtcp-mux",
    "a=rtpmap:101 telephone-event/8000",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
  ),
);

test("no text makes reading or answering throw; an answer has the offer's streams in order and can be read again", () => {
  const policies = fc.constantFrom("off" as const, "accept" as const, "require" as const);
  fc.assert(
    fc.property(fc.array(line, { maxLength: 14 }), policies, (lines, srtp) => {
      const offer = parseSdp(["v=0", "o=- 1 1 IN IP4 192.0.2.1", ...lines].join("\r\n"));
      const local = localAudio({ srtp });
      const taken = offer && takeOffer(startOfferAnswer("5"), offer, local);
      const made = taken?.type === "taken" ? makeAnswer(taken.next, local) : undefined;
      if (!offer || made?.type !== "answered") return;
      expect(parseSdp(formatSdp(made.answer))).toEqual(made.answer);
      const shape = ({ media }: typeof offer) => media.map(({ kind, protocol }) => `${kind} ${protocol}`);
      expect(shape(made.answer)).toEqual(shape(offer));
      expect(made.answer.media.filter(({ port }) => port !== 0)).toHaveLength(1);
    }),
    { numRuns: 3_000 },
  );
});
