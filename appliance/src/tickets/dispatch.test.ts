import { StaffId } from "@sitebox/core/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Candidate, dispatch, type Job } from "./dispatch.ts";
import { inRange, jobOf, zoneOf } from "./job.ts";
import { hotel } from "./testing/index.ts";

const id = (name: string) => StaffId.parse(name);
const candidate = (name: string, facts: Partial<Candidate> = {}): Candidate => ({
  id: id(name),
  skills: ["hvac"],
  zones: [],
  onShift: true,
  load: 0,
  lastAssignedAt: 0,
  ...facts,
});
const job: Job = { skill: "hvac", zone: "f8", declinedBy: [] };

test("whoever cannot do it is left out, with the reason", () => {
  const { staff, excluded } = dispatch({ ...job, declinedBy: [id("declined")] }, [
    candidate("off", { onShift: false }),
    candidate("plumber", { skills: ["plumbing"] }),
    candidate("elsewhere", { zones: ["f7"] }),
    candidate("declined"),
    candidate("able", { zones: ["f7", "f8"] }),
  ]);
  expect(staff).toBe("able");
  expect(excluded).toEqual([
    { staff: "off", reason: "off-shift" },
    { staff: "plumber", reason: "no-skill" },
    { staff: "elsewhere", reason: "other-zone" },
    { staff: "declined", reason: "declined" },
  ]);
});

test("what is urgent goes to whoever is on shift where nobody has the skill or the zone, but not to who said no", () => {
  const people = [
    candidate("off", { onShift: false }),
    candidate("declined", { skills: ["plumbing"] }),
    candidate("maid", { skills: ["housekeeping"], zones: ["f7"] }),
  ];
  const urgent = { skill: "desk", zone: "f8", declinedBy: [id("declined")], urgent: true };
  expect(dispatch(urgent, people).staff).toBe("maid");
  expect(dispatch({ ...urgent, urgent: false }, people).staff).toBeUndefined();
  expect(dispatch(urgent, [...people, candidate("desk", { skills: ["desk"], load: 9 })]).staff).toBe("desk");
});

test("a handyman does anything, and a place without a zone is everybody's", () => {
  expect(dispatch(job, [candidate("handy", { skills: ["*"] })]).staff).toBe("handy");
  expect(dispatch({ ...job, zone: undefined }, [candidate("f7", { zones: ["f7"] })]).staff).toBe("f7");
});

test("the least work comes first, then the longest wait, then a fixed order", () => {
  const busy = candidate("a", { load: 2 });
  const recent = candidate("b", { load: 1, lastAssignedAt: 20 });
  const rested = candidate("c", { load: 1, lastAssignedAt: 10 });
  expect(dispatch(job, [busy, recent, rested]).staff).toBe("c");
  expect(dispatch(job, [candidate("y"), candidate("x"), candidate("z")]).staff).toBe("x");
});

test("nobody able means nobody", () => {
  expect(dispatch(job, [])).toEqual({ staff: undefined, excluded: [] });
});

test("the choice does not depend on the order in which the staff are listed", () => {
  const anyone = fc.record({
    id: fc.constantFrom("a", "b", "c", "d", "e").map(id),
    skills: fc.subarray(["hvac", "plumbing", "*"]),
    zones: fc.subarray(["f7", "f8"]),
    onShift: fc.boolean(),
    load: fc.nat(3),
    lastAssignedAt: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.uniqueArray(anyone, { selector: (one) => one.id }), (staff) => {
      const chosen = dispatch(job, staff);
      expect(dispatch(job, [...staff].reverse()).staff).toBe(chosen.staff);
      expect(chosen.excluded.length === staff.length).toBe(chosen.staff === undefined);
    }),
  );
});

test("an item's words lead to its skill, a room to its zone, anything else to the desk", () => {
  const site = hotel();
  expect(jobOf(site, { kind: "repair", item: "冷气", place: "806" })).toEqual({ skill: "hvac", zone: "f8" });
  expect(jobOf(site, { kind: "delivery", item: "毛巾", place: "710" })).toEqual({ skill: "housekeeping", zone: "f7" });
  expect(jobOf(site, { kind: "repair", item: "火箭" })).toEqual({ skill: "desk", zone: undefined });
  expect(jobOf(site, { kind: "message", item: null, place: null })).toEqual({ skill: "desk", zone: undefined });
  expect(zoneOf(site, "七楼")).toBe("f7");
  expect(zoneOf(site, "1806")).toBeUndefined();
});

test("rooms are within their range only with the same number of digits", () => {
  expect(["801", "806", "820"].every((room) => inRange("801-820", room))).toBe(true);
  expect(["800", "821", "0806", "8o6", ""].some((room) => inRange("801-820", room))).toBe(false);
  expect(inRange("806", "806")).toBe(true);
});
