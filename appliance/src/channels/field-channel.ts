import type { StaffId } from "@sitebox/core/contract";
import type { Channel } from "./channel.ts";

/** The field page of whoever is meant: the box's pages are told of every change anyway, so what counts is whether one is open. */
export const fieldChannel = (pages: { pagesOf(staff: StaffId): number }): Channel => ({
  name: "field",
  send: async ({ staff }) => (pages.pagesOf(staff.id) > 0 ? "delivered" : "unreachable"),
});
