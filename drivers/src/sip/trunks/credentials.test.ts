import { expect, test } from "vitest";
import {
  type Header,
  headerOf,
  noBody,
  noParams,
  parseCredentials,
  responseTo,
  type SipRequest,
  sipUri,
} from "../parser/index.ts";
import { type DigestAlgorithm, digestResponse } from "../registrar/index.ts";
import { Credentials } from "./credentials.ts";

const invite: SipRequest = {
  type: "request",
  method: "INVITE",
  uri: sipUri("carrier.example", { user: "13800138000" }),
  vias: [],
  from: { uri: sipUri("carrier.example"), params: noParams },
  to: { uri: sipUri("carrier.example"), params: noParams },
  callId: "call",
  cseq: { number: 1, method: "INVITE" },
  headers: [],
  body: noBody,
};

/** A carrier that checks proofs by the book (RFC 7616 §3.4); its challenges grow old when the test says so. */
function carrierWith(algorithms: readonly DigestAlgorithm[] = ["MD5"]) {
  let nonce = "n1";
  const challenges = (stale: boolean) =>
    algorithms.map((algorithm): Header => {
      const text = `Digest realm="carrier.example", nonce="${nonce}", algorithm=${algorithm}, qop="auth"`;
      return ["www-authenticate", stale ? `${text}, stale=true` : text];
    });
  const ask = (headers: readonly Header[] = []) => {
    const request = { ...invite, headers };
    const proof = parseCredentials(headerOf(request, "authorization") ?? "")?.params;
    const value = (name: string) => proof?.get(name) ?? "";
    const expected = digestResponse({
      algorithm: value("algorithm") === "SHA-256" ? "SHA-256" : "MD5",
      username: "4001",
      realm: "carrier.example",
      password: "secret",
      method: request.method,
      uri: value("uri"),
      nonce: value("nonce"),
      qop: { count: value("nc"), cnonce: value("cnonce") },
    });
    const right = value("response") === expected;
    const status = right && value("nonce") === nonce ? 200 : 401;
    return { request, response: responseTo(request, status, { headers: status === 401 ? challenges(right) : [] }) };
  };
  const age = () => {
    nonce = `${nonce}+`;
  };
  return { ask, age };
}

const challenged = (status: 401 | 407, text: string) =>
  responseTo(invite, status, { headers: [[status === 407 ? "proxy-authenticate" : "www-authenticate", text]] });

test.each([["MD5"], ["SHA-256"]] as const)("a challenge with %s is answered", (algorithm) => {
  const { ask } = carrierWith([algorithm]);
  const credentials = new Credentials("4001", "secret");
  const first = ask();
  const proof = credentials.answer(first.request, first.response);
  expect(ask(proof ? [proof] : []).response.status).toBe(200);
  expect(parseCredentials(proof?.[1] ?? "")?.params.get("algorithm")).toBe(algorithm);
});

test("where both are offered, SHA-256 is taken", () => {
  const { ask } = carrierWith(["MD5", "SHA-256"]);
  const { request, response } = ask();
  const proof = new Credentials("4001", "secret").answer(request, response);
  expect(proof?.[1]).toContain("algorithm=SHA-256");
});

test("a wrong password is tried once", () => {
  const credentials = new Credentials("4001", "guessed");
  const first = challenged(401, 'Digest realm="r", nonce="1", qop="auth"');
  const proof = credentials.answer(invite, first);
  if (!proof) throw new Error("no answer");
  const second = challenged(401, 'Digest realm="r", nonce="2", qop="auth"');
  expect(credentials.answer({ ...invite, headers: [proof] }, second)).toBeUndefined();
});

test("a proof that is stale is given anew once, and then no more", () => {
  const credentials = new Credentials("4001", "secret");
  let headers: readonly Header[] = [];
  const answers = [1, 2, 3].map((nonce) => {
    const stale = nonce > 1 ? ", stale=true" : "";
    const proof = credentials.answer(
      { ...invite, headers },
      challenged(407, `Digest realm="r", nonce="${nonce}", qop="auth"${stale}`),
    );
    headers = proof ? [proof] : [];
    return proof?.[0];
  });
  expect(answers).toEqual(["proxy-authorization", "proxy-authorization", undefined]);
});

test("the next request proves itself unasked, with the count one higher, until the challenge has grown old", () => {
  const { ask, age } = carrierWith();
  const credentials = new Credentials("4001", "secret");
  const first = ask();
  ask([credentials.answer(first.request, first.response) ?? ["x", ""]]);
  const early = credentials.early(invite);
  expect(parseCredentials(early?.[1] ?? "")?.params.get("nc")).toBe("00000002");
  expect(ask(early ? [early] : []).response.status).toBe(200);
  age();
  const late = credentials.early(invite);
  const again = ask(late ? [late] : []);
  expect(again.response.status).toBe(401);
  const fresh = credentials.answer(again.request, again.response);
  expect(ask(fresh ? [fresh] : []).response.status).toBe(200);
});

test.each([
  ['Basic realm="r"'],
  ['Digest realm="r"'],
  ['Digest realm="r", nonce="1", algorithm=SHA-512-256'],
  ['Digest realm="r", nonce="1", qop="auth-int"'],
  ["garbage"],
])("what cannot be answered is given up: %s", (text) => {
  expect(new Credentials("4001", "secret").answer(invite, challenged(401, text))).toBeUndefined();
});

test("a challenge of RFC 2069, without qop, is answered without a count; opaque comes back", () => {
  const proof = new Credentials("4001", "secret").answer(invite, challenged(401, 'Digest realm="r", nonce="1", opaque="o"'));
  const params = parseCredentials(headerOf({ ...invite, headers: proof ? [proof] : [] }, "authorization") ?? "")?.params;
  expect([params?.get("opaque"), params?.has("qop"), params?.has("algorithm")]).toEqual(["o", false, false]);
});
