import { SiteConfig } from "@sitebox/core/contract";
import { expect, test } from "vitest";
import { hotelTemplate, propertyTemplate } from "./index.ts";

test.each([hotelTemplate, propertyTemplate])("$name is a site as it is written to disk and read again", (site) => {
  expect(SiteConfig.parse(JSON.parse(JSON.stringify(site)))).toEqual(site);
});

test.each([hotelTemplate, propertyTemplate])("in $name somebody has every skill that an item or a delivery needs", (site) => {
  const skills = new Set(site.staff.flatMap((staff) => staff.skills));
  for (const { name, skill } of [...site.items, ...site.deliveries]) expect(skills.has(skill), name).toBe(true);
});
