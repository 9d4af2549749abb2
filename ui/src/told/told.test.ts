import {
  alarmKinds,
  alarmOf,
  fieldIssue,
  fieldIssues,
  namesIn,
  reasons,
  refusalOf,
  refusals,
  slugOf,
  troubleOf,
  troubles,
  UplinkFault,
} from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import { LOCALES, type Locale, messages, openI18n } from "../locales/index.ts";
import { type Told, toldBy } from "./index.ts";

const LETTERS = /[\u3400-\u9fff]/;

function toldIn(locale: Locale): Told {
  const { t, te } = openI18n(locale).global;
  return toldBy({ t: (key, values = {}) => t(key, values), te: (key) => te(key) });
}
const zh = toldIn("zh-CN");
const en = toldIn("en");

/** Every sentence of the contract by the locale key that has to say it. */
const sentences = new Map<string, string>([
  ...Object.entries(alarmKinds).map(([kind, sentence]) => [`alarm.${kind}`, sentence] as const),
  ...Object.entries(refusals).map(([code, [, sentence]]) => [`refusal.${code}`, sentence] as const),
  ...Object.entries(fieldIssues).map(([code, sentence]) => [`issue.${code}`, sentence] as const),
  ...Object.entries(troubles).flatMap(([code, [reason, fix]]: [string, readonly [string, string?]]) => [
    [`trouble.${code}.what`, reason] as const,
    ...(fix === undefined ? [] : [[`trouble.${code}.todo`, fix] as const]),
  ]),
  ...reasons.map((sentence) => [`reason.${slugOf(sentence)}`, sentence] as const),
  ...UplinkFault.options.map((fault) => [`uplink.${fault}`, ""] as const),
]);

function leaves(tree: object, prefix = ""): [key: string, text: string][] {
  return Object.entries(tree).flatMap(([name, value]): [string, string][] =>
    typeof value === "object" && value !== null ? leaves(value, `${prefix}${name}.`) : [[`${prefix}${name}`, String(value)]],
  );
}

describe.each(LOCALES)("the words in %s for what servers tell", (locale) => {
  const { with: _, and: __, detailed: ___, ...words } = messages[locale].told;
  const said = new Map(leaves(words));

  it("are there for every alarm, refusal, issue, trouble and fault of the contract, and for nothing else", () => {
    const sorted = (keys: Iterable<string>) => [...keys].sort((a, b) => a.localeCompare(b));
    expect(sorted(said.keys())).toEqual(sorted(sentences.keys()));
  });

  it("use no value that the contract does not send along", () => {
    const unknown = [...said].flatMap(([key, text]) =>
      namesIn(text)
        .filter((name) => !namesIn(sentences.get(key) ?? "").includes(name))
        .map((name) => `${key}: {${name}}`),
    );
    expect(unknown).toEqual([]);
  });
});

describe("what a server tells", () => {
  it("is said in the user's language with its values, words of the contract among them", () => {
    const alarm = alarmOf("line-down", { line: "lobby", fault: "no-sim" });
    expect(zh.alarm(alarm)).toMatch(LETTERS);
    expect(zh.alarm(alarm)).not.toMatch(/no-sim|down/);
    expect(en.alarm(alarm)).toBe("Line lobby is down: No SIM card is found");
    expect(en.trouble(troubleOf("disk-low", { megabytes: 412 }))).toEqual({
      what: "412 MB of disk space are free",
      todo: expect.stringContaining("larger disk"),
    });
    expect(en.uplink({ fault: "refused", reason: "refused" })).toContain("has not accepted this box");
    expect(zh.refusal(refusalOf("ticket-action-unfit", { action: "finish", state: "open" }))).not.toMatch(/finish|open|\{/);
  });

  it("has its details behind it where fields are named", () => {
    const issues = [fieldIssue("followMe", "not-dialled-from-there", { number: "110" })];
    expect(en.refusal({ ...refusalOf("follow-me-unfit"), issues })).toBe(
      "An extension can be followed by numbers that it may dial itself: 110 cannot be called from this extension",
    );
  });

  it("names why a text did not arrive, with what the network calls it", () => {
    expect(en.reason("there is no such number (+CMS ERROR: 1)")).toBe("There is no such number (+CMS ERROR: 1)");
    expect(zh.reason("there is no such number (+CMS ERROR: 1)")).toMatch(/^[^a-z]+\+CMS ERROR: 1/);
    expect(zh.reason("its limit of 200 texts a day is reached")).toMatch(LETTERS);
    expect(zh.reason("its limit of 200 texts a day is reached")).toContain("200");
    expect(zh.reason("NO CARRIER 17")).toBe("NO CARRIER 17");
    expect(en.refusal(refusalOf("line-not-called", { why: "the line is not up" }))).toContain("The line is not up");
    expect(zh.refusal(refusalOf("line-failed", { why: "it reports with another password" }))).not.toMatch(/password/);
  });

  it("is said in its own words where the server is older than the page or newer", () => {
    expect(zh.alarm({ text: "the line lobby is down" })).toBe("the line lobby is down");
    expect(zh.alarm({ kind: "meteor", text: "a meteor fell" })).toBe("a meteor fell");
    expect(zh.trouble({ code: "meteor", reason: "it is flat", fix: "lift it" })).toEqual({ what: "it is flat", todo: "lift it" });
    expect(zh.issue({ path: "name", code: "meteor", message: "it is flat" })).toBeUndefined();
    expect(zh.uplink({ reason: "closed: gone" })).toBe("closed: gone");
  });

  it("is said by its fault where a refusal has no code that the page knows, never in the server's language", () => {
    expect(zh.refusal({ fault: "conflict", code: "meteor" })).toBe(zh.refusal({ fault: "conflict" }));
    expect(zh.refusal({ fault: "meteor" })).toBe(zh.refusal({ fault: "unexpected" }));
    expect(zh.refusal({ fault: "wrong-password" }, "door.fault")).not.toBe(zh.refusal({ fault: "unexpected" }));
  });
});
