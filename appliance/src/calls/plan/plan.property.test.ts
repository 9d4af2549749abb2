import fc from "fast-check";
import { test } from "vitest";
import type { Action, CallFacts, Ending, SitePlan } from "./index.ts";
import { plannedSite } from "./testing/index.ts";

const calls = {
  groups: [
    {
      number: "600",
      name: "前台",
      members: ["8001", "8002"],
      pagingNumber: "650",
      otherwise: { type: "number", number: "8003" },
    },
    { number: "601", name: "保安", members: ["8003", "13900139000"], strategy: "round-robin" },
  ],
  extensions: {
    "8001": { followMe: ["13900139000"], whenUnanswered: { type: "number", number: "601" } },
    "8002": { mayDial: [], whenBusy: { type: "message", mailbox: "8002" } },
  },
  outgoing: [
    { name: "all", dialled: "9(\\d{3,12})", strip: 1 },
    { name: "mobile", dialled: "1[3-9]\\d{9}" },
  ],
};
const forwarding = { ...calls, incoming: [{ caller: "139.*", to: { type: "number", number: "600" } }] };

const number = fc.oneof(
  fc.constantFrom(
    "8001",
    "8002",
    "8003",
    "8806",
    "806",
    "600",
    "601",
    "650",
    "8000",
    "110",
    "119",
    "9110",
    "700",
    "705",
    "*8",
    "*88001",
  ),
  fc.constantFrom("*78", "*79", "*97", "*2", "13900139000", "987654321", "", "anonymous", "+8613900139000"),
  fc.string({ unit: fc.constantFrom(..."0123456789*#+"), maxLength: 14 }),
  fc.string({ maxLength: 8 }),
);
const call: fc.Arbitrary<CallFacts> = fc.record({
  line: fc.constantFrom(undefined, "carrier", "gateway", "no such line"),
  caller: number,
  dialled: number,
  channel: fc.constantFrom("phone", "web-call"),
});
const undisturbed = fc.subarray(["8001", "8002", "8003", "8806"]);

/** Every action that a call can come to when nobody takes it. */
function* ways(plan: SitePlan, facts: CallFacts, busy: readonly boolean[]): Generator<Action> {
  let { action } = plan.decide(facts);
  yield action;
  for (const isBusy of busy) {
    if (action.type !== "ring") return;
    const to: Ending = isBusy ? action.whenBusy : action.otherwise;
    ({ action } = plan.follow(to, facts));
    yield action;
  }
}
/** More than there are extensions and groups to pass through. */
const MOST_STEPS = 8;
const busy = fc.array(fc.boolean(), { minLength: MOST_STEPS, maxLength: MOST_STEPS });

test("no call rings for ever: whoever is busy, it comes to an end", () => {
  fc.assert(
    fc.property(call, undisturbed, busy, (facts, members, isBusy) => {
      const { plan, disturbNot } = plannedSite(forwarding);
      for (const member of members) disturbNot.add(member);
      return [...ways(plan, facts, isBusy)].at(-1)?.type !== "ring";
    }),
    { numRuns: 1_000 },
  );
});

test("a call from outside is always answered where nobody has said that it is not", () => {
  fc.assert(
    fc.property(call, undisturbed, busy, (facts, members, isBusy) => {
      const { plan, disturbNot } = plannedSite(calls);
      for (const member of members) disturbNot.add(member);
      if (facts.line === undefined && facts.channel === "phone") return true;
      const last = [...ways(plan, facts, isBusy)].at(-1);
      return last?.type === "assistant" || last?.type === "message";
    }),
    { numRuns: 1_000 },
  );
});

test("whatever a stranger dials or shows, no outside number is rung for him that the site did not name", () => {
  const named = ["13900139000"];
  fc.assert(
    fc.property(call, busy, (facts, isBusy) => {
      const { plan } = plannedSite(forwarding);
      const extension = facts.line === undefined && facts.channel === "phone" && /^(8001|8002|8003|8806)$/.test(facts.caller);
      if (extension) return true;
      return [...ways(plan, facts, isBusy)].every(
        (action) =>
          action.type !== "ring" ||
          action.steps.every(({ targets }) => targets.every((one) => one.type === "extension" || named.includes(one.number))),
      );
    }),
    { numRuns: 2_000 },
  );
});

test("an extension always gets help, whatever is switched, listed or forbidden", () => {
  const extension = fc.constantFrom("8001", "8002", "8003", "8806");
  fc.assert(
    fc.property(extension, fc.constantFrom("110", "119", "120", "122"), undisturbed, (caller, dialled, members) => {
      const { plan, disturbNot, verdicts } = plannedSite(forwarding);
      for (const member of members) disturbNot.add(member);
      verdicts.set(caller, "black");
      const { action } = plan.decide({ line: undefined, channel: "phone", caller, dialled });
      return action.type === "ring" && action.steps[0]?.targets[0]?.number === dialled;
    }),
  );
});
