import type { z } from "zod";
import { fieldIssue, type ProblemIssue } from "../contract/index.ts";

type SchemaIssue = z.core.$ZodIssue;

const tooSmall = { string: "too-short", array: "too-few", set: "too-few" } as const;
const tooBig = { string: "too-long", array: "too-many", set: "too-many" } as const;
const isKey = <T extends object>(key: PropertyKey, table: T): key is keyof T => Object.hasOwn(table, key);

function told(path: string, issue: SchemaIssue): ProblemIssue {
  switch (issue.code) {
    case "too_small": {
      const { origin, minimum } = issue;
      return fieldIssue(path, isKey(origin, tooSmall) ? tooSmall[origin] : "too-small", { minimum: Number(minimum) });
    }
    case "too_big": {
      const { origin, maximum } = issue;
      return fieldIssue(path, isKey(origin, tooBig) ? tooBig[origin] : "too-large", { maximum: Number(maximum) });
    }
    case "invalid_type":
      return fieldIssue(path, "wrong-type");
    case "invalid_format":
      return fieldIssue(path, "wrong-format");
    case "invalid_value":
    case "invalid_union":
      return fieldIssue(path, "no-choice");
    case "unrecognized_keys":
      return fieldIssue(path, "unknown-field");
    default:
      return fieldIssue(path, "unfit");
  }
}

/** What was wrong in which field, as people and forms can use it; messages are the schema's own, which say more than the code. */
export const issuesOf = (error: z.ZodError): ProblemIssue[] =>
  error.issues.map((issue) => ({ ...told(issue.path.map(String).join("."), issue), message: issue.message }));
