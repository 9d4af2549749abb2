import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { Digest, digestResponse } from "./digest.ts";

const rfc7616 = {
  username: "Mufasa",
  realm: "http-auth@example.org",
  password: "Circle of Life",
  method: "GET",
  uri: "/dir/index.html",
  nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
  qop: { count: "00000001", cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ" },
};

test.for([
  ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
  ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
] as const)("the %s example of RFC 7616 §3.9.1 comes out", ([algorithm, expected]) => {
  expect(digestResponse({ ...rfc7616, algorithm })).toBe(expected);
});

test("the example of RFC 2069, without qop, comes out", () => {
  const { qop: _, ...parts } = {
    ...rfc7616,
    realm: "testrealm@host.com",
    password: "CircleOfLife",
    nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
  };
  expect(digestResponse({ ...parts, algorithm: "MD5" })).toBe("1949323746fe6a43ef61f9606e7febea");
});

test("an answer without qop is right once", () => {
  const digest = new Digest(new VirtualClock(), "sitebox");
  const nonce = digest.challenge("MD5", false).params.get("nonce") ?? "";
  const parts = {
    algorithm: "MD5",
    username: "8001",
    realm: "sitebox",
    password: "secret",
    method: "REGISTER",
    uri: "sip:box",
    nonce,
  } as const;
  const params = new Map([
    ["username", "8001"],
    ["realm", "sitebox"],
    ["nonce", nonce],
    ["uri", "sip:box"],
    ["response", digestResponse(parts)],
  ]);
  const check = () => digest.check({ scheme: "Digest", params }, "REGISTER", "secret");
  expect([check(), check()]).toEqual(["right", "stale"]);
  expect(digest.check({ scheme: "Digest", params: new Map([...params, ["qop", "auth-int"]]) }, "REGISTER", "secret")).toBe(
    "wrong",
  );
  expect(digest.check({ scheme: "Digest", params: new Map([...params, ["algorithm", "SHA-512"]]) }, "REGISTER", "secret")).toBe(
    "wrong",
  );
});
