import { expect, test } from "vitest";
import { readLine, welcome } from "./ready.ts";

test("knows the readiness line among the log lines", () => {
  expect(readLine('{"ready":"box","url":"http://localhost:8080/","sip":"sip:127.0.0.1:5060"}')).toEqual({
    type: "ready",
    ready: { ready: "box", url: "http://localhost:8080/", sip: "sip:127.0.0.1:5060", notes: [] },
  });
  expect(readLine('{"level":30,"msg":"call answered"}')).toEqual({ type: "log" });
  expect(readLine("{not json")).toEqual({ type: "log" });
  expect(readLine("plain words")).toEqual({ type: "log" });
});

test("shows errors, with where they come from", () => {
  expect(readLine('{"level":50,"scope":"sip","msg":"the port is in use"}')).toEqual({
    type: "error",
    text: "sip: the port is in use",
  });
});

test("says where everything is and what a person must know", () => {
  const text = welcome(
    [
      {
        label: "Box",
        ready: { ready: "box", url: "http://localhost:8080/", sip: "sip:127.0.0.1:5060", notes: ["8001: secret"] },
      },
      { label: "Headquarters", ready: { ready: "headquarters", url: "http://localhost:8090/", notes: [] } },
    ],
    ["var/log/box.log"],
  );
  for (const part of [
    "Sitebox is running",
    "http://localhost:8080/",
    "sip:127.0.0.1:5060",
    "http://localhost:8090/",
    "8001: secret",
    "var/log/box.log",
  ]) {
    expect(text).toContain(part);
  }
});
