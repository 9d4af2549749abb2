import { CallsConfig, type Destination } from "@sitebox/core/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readDestinations } from "./destinations.ts";
import { readNumbers } from "./numbers.ts";

const extensions = ["8001", "8002", "8003", "8004"];
const groups = ["600", "601", "602"];
const destination: fc.Arbitrary<Destination> = fc.oneof(
  fc.constant<Destination>({ type: "assistant" }),
  fc.constantFrom(...extensions, ...groups, "806").map((number): Destination => ({ type: "number", number })),
);
const calls = fc
  .record({
    groups: fc.tuple(
      ...groups.map((number) => destination.map((otherwise) => ({ number, name: number, members: ["8001"], otherwise }))),
    ),
    extensions: fc.dictionary(
      fc.constantFrom(...extensions),
      fc.record({ whenBusy: destination, whenUnanswered: destination }, { requiredKeys: [] }),
    ),
  })
  .map((input) => CallsConfig.parse(input));

const read = (config: CallsConfig) => {
  const numbers = readNumbers({
    calls: config,
    serviceNumbers: ["8000"],
    extensions: () => extensions,
    roomExtensions: { "8004": "806" },
  });
  return { numbers, destinations: readDestinations(config, extensions, numbers) };
};

test("a call that nobody takes ends somewhere, whatever leads where and however it is busy", () => {
  fc.assert(
    fc.property(calls, fc.constantFrom(...extensions, ...groups), fc.infiniteStream(fc.boolean()), (config, first, busy) => {
      const { numbers, destinations } = read(config);
      const visited = new Set<string>();
      let at: string | undefined = first;
      while (at !== undefined) {
        expect(visited).not.toContain(at);
        visited.add(at);
        const { whenBusy, otherwise } = destinations.leaving(at);
        const to = busy.next().value ? whenBusy : otherwise;
        const meaning = to.type === "number" ? numbers.meaningOf(to.number) : undefined;
        at = meaning?.type === "extension" ? meaning.number : meaning?.type === "group" ? meaning.group.number : undefined;
      }
    }),
    { numRuns: 500 },
  );
});

test("circles are told exactly where there is one, and nothing else is changed", () => {
  fc.assert(
    fc.property(calls, (config) => {
      const { destinations } = read(config);
      const cut = [...extensions, ...groups].filter((number) => destinations.leaving(number).circle);
      expect(cut.length > 0).toBe(destinations.circles.length > 0);
      for (const circle of destinations.circles) expect(circle.at(0)).toBe(circle.at(-1));
      for (const group of config.groups) {
        const { otherwise, circle } = destinations.leaving(group.number);
        if (!circle) expect(otherwise).toEqual(group.otherwise);
      }
    }),
    { numRuns: 500 },
  );
});
