import { hotelTemplate } from "@sitebox/provisioning";
import { expect, test } from "vitest";
import { fixedPrompts, locales, prompt, promptSegments, renderPrompt } from "./index.ts";

const readBack = prompt("confirm-repair", { room: "1206", item: "空调", fault: "不制冷" });

test("rooms are spoken digit by digit with 幺, ticket numbers with 一, counts with 两", () => {
  expect(renderPrompt(readBack, "zh-CN", hotelTemplate)).toBe("幺二零六房间,空调不制冷,对吗?");
  expect(renderPrompt(prompt("ticket-opened", { number: "10007" }), "zh-CN", hotelTemplate)).toContain("工单号,一零零零七,");
  const delivery = prompt("confirm-delivery", { quantity: "2", classifier: "条", item: "毛巾", room: "806" });
  expect(renderPrompt(delivery, "zh-CN", hotelTemplate)).toBe("两条毛巾,送到八零六房间,对吗?");
  expect(
    renderPrompt(prompt("confirm-delivery-placeless", { quantity: "12", classifier: "瓶", item: "水" }), "zh-CN", hotelTemplate),
  ).toContain("十二瓶");
  expect(renderPrompt(readBack, "en", hotelTemplate)).toContain("room one two zero six");
});

test("the notice says that a machine speaks and that the call is recorded", () => {
  expect(renderPrompt(prompt("notice"), "zh-CN", hotelTemplate)).toMatch(/智能语音助手.*录音/);
});

test("the pieces of a line are the line, and the fixed ones are rendered beforehand", () => {
  const fixed = new Set(fixedPrompts(hotelTemplate));
  for (const id of ["notice", "ask-request", "goodbye"] as const)
    for (const segment of promptSegments(prompt(id), "zh-CN", hotelTemplate)) expect(fixed.has(segment), segment).toBe(true);
  const segments = promptSegments(readBack, "zh-CN", hotelTemplate);
  expect(renderPrompt(readBack, "zh-CN", hotelTemplate)).toContain(segments.join(""));
  expect(segments.filter((segment) => !fixed.has(segment))).toEqual(["幺二零六"]);
});

test("both languages have the same lines", () => {
  expect(new Set(Object.keys(locales.en))).toEqual(new Set(Object.keys(locales["zh-CN"])));
});

test("an unknown line or a missing value is a mistake of ours and is told", () => {
  expect(() => renderPrompt({ id: "nonsense" }, "zh-CN", hotelTemplate)).toThrow(/no prompt nonsense/);
  expect(() => renderPrompt({ id: "ticket-opened" }, "zh-CN", hotelTemplate)).toThrow(/needs number/);
});
