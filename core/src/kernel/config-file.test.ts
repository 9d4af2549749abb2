import { expect, test } from "vitest";
import { BoxConfig } from "../contract/index.ts";
import { parseConfig } from "./index.ts";

const site = { name: "云栖酒店" };

test("every wrong key is told with its place", () => {
  const wrong = { site: { ...site, rooms: ["801", "8-x"] }, sip: { listne: {} }, http: { port: 70_000 } };
  expect(() => parseConfig(wrong, BoxConfig, "box.json")).toThrow(
    /box\.json has 3 errors.*\n {2}site\.rooms\[1\]: write a room.*\n {2}http\.port: .*\n {2}sip: .*listne/,
  );
});

test("what is left out has its default", () => {
  expect(parseConfig({ site }, BoxConfig, "box.json")).toMatchObject({
    box: "box-1",
    sip: { listen: { port: 5060 }, serviceNumbers: ["8000"] },
  });
});
