import { scriptedCalls } from "./scripted-calls.ts";
import type { ScriptedPlugin } from "./scripted-modem.ts";
import { scriptedTexts } from "./scripted-texts.ts";
import { scriptedUssd } from "./scripted-ussd.ts";

/** What every scripted modem can do beside the standard commands: one line for each plug-in. */
export const standardPlugins: readonly ScriptedPlugin[] = [scriptedCalls, scriptedTexts, scriptedUssd];
