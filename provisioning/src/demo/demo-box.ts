import { randomInt } from "node:crypto";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BoxConfig } from "@sitebox/core/contract";
import type { z } from "zod";
import { hotelTemplate } from "../templates/index.ts";

/** No 0/O or 1/I/l: it is read off a screen and keyed into a telephone. */
const LETTERS = "23456789abcdefghjkmnpqrstuvwxyz";
const PASSWORD_LENGTH = 10;

const password = () => Array.from({ length: PASSWORD_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");

/** What may be written in a box's config file. */
export type BoxConfigInput = z.input<typeof BoxConfig>;

export interface DemoUplink {
  readonly enrolUrl: string;
  readonly caFingerprint: string;
}

/** The demo hotel's box: two extensions at the front desk with passwords of their own, and a room's telephone. */
export function demoBox(uplink?: DemoUplink): BoxConfigInput {
  return {
    box: "hotel-1",
    site: { ...hotelTemplate, handOffExtensions: ["8001", "8002"], roomExtensions: { "9806": "806" } },
    sip: {
      serviceNumbers: ["8000"],
      extensions: [
        { number: "8001", password: password(), displayName: "前台一" },
        { number: "8002", password: password(), displayName: "前台二" },
        { number: "9806", password: password(), displayName: "806 房间" },
      ],
    },
    ...(uplink && { uplink }),
  };
}

/** The box's config file in `home`; written at the first start, and from then on its owner's. */
export async function ensureDemoBox(home: string, uplink: () => Promise<DemoUplink | undefined>): Promise<string> {
  const file = join(home, "box.json");
  if ((await stat(file).catch(() => undefined)) === undefined) {
    const config = { dataDir: join(home, "box"), modelsDir: join(home, "models"), ...demoBox(await uplink()) };
    await mkdir(dirname(file), { recursive: true });
    // It holds the telephones' passwords.
    await writeFile(file, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600 });
  }
  return file;
}

/** How a headquarters on the same machine is reached, as it wrote it down at its start. */
export async function localHeadquarters(home: string): Promise<DemoUplink | undefined> {
  const text = await readFile(join(home, "headquarters", "uplink.json"), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as DemoUplink);
}
