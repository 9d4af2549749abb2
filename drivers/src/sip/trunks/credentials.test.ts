import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
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
import { Authenticator, type DigestAlgorithm } from "../registrar/index.ts";
import { Credentials } from "./credentials.ts";

const peer = { transport: "udp", host: "192.0.2.1", port: 5060 } as const;

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

function carrierWith(algorithms: readonly DigestAlgorithm[] = ["MD5"]) {
  const clock = new VirtualClock();
  const accounts = [{ number: "4001", password: "secret" }];
  const authenticator = new Authenticator({ clock, log: silentLog, realm: "carrier.example", algorithms, accounts });
  const ask = (headers: readonly Header[] = []) => {
    const request = { ...invite, headers };
    const verdict = authenticator.check(request, peer);
    const status = verdict.type === "refused" ? verdict.status : 200;
    return { request, response: responseTo(request, status, { headers: verdict.type === "refused" ? verdict.headers : [] }) };
  };
  return { clock, ask };
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

test("the next request proves itself unasked, with the count one higher, until the challenge has grown old", async () => {
  const { ask, clock } = carrierWith();
  const credentials = new Credentials("4001", "secret");
  const first = ask();
  ask([credentials.answer(first.request, first.response) ?? ["x", ""]]);
  const early = credentials.early(invite);
  expect(parseCredentials(early?.[1] ?? "")?.params.get("nc")).toBe("00000002");
  expect(ask(early ? [early] : []).response.status).toBe(200);
  await clock.advance(400_000);
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
