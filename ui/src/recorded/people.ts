import { Account, type Role, Staff } from "@sitebox/core/contract";

/** The people of the recorded hotel. */
export const staff: readonly Staff[] = [
  { id: "s-zhang", name: "张伟", skills: ["hvac", "electric"], zones: ["6f", "7f", "8f"], onShift: true, extension: "8101" },
  { id: "s-li", name: "李国强", skills: ["plumbing"], zones: [], onShift: true, extension: "8102" },
  { id: "s-wang", name: "王秀兰", skills: ["housekeeping"], zones: ["5f", "6f"], onShift: true, extension: "8103" },
  { id: "s-chen", name: "陈晓燕", skills: ["housekeeping"], zones: ["7f", "8f"], onShift: false },
  { id: "s-zhao", name: "赵建军", skills: ["*"], zones: [], onShift: false, extension: "8105" },
].map((person) => Staff.parse(person));

const names: Record<Role, string> = { admin: "周经理", agent: "林悦", staff: "张伟", operator: "总部值班" };

export const account = (role: Role, mustChangePassword = false): Account =>
  Account.parse({
    id: `a-${role}`,
    name: role,
    displayName: names[role],
    role,
    mustChangePassword,
    ...(role === "staff" && { staff: "s-zhang" }),
  });
