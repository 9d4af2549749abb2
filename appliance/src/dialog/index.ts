export type { DialogEffect, DialogEvent, KeyPlan, Prompt } from "./dialog.ts";
