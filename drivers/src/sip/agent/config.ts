import { z } from "zod";

const Extension = z.object({
  number: z.string().regex(/^[0-9A-Za-z_.+*#-]{1,32}$/),
  password: z.string().min(1),
  displayName: z.string().optional(),
});

/** The box's SIP side. Everything has a default but the extensions' passwords. */
export const SipConfig = z.object({
  listen: z
    .object({ host: z.string().default("0.0.0.0"), port: z.int().min(0).max(65_535).default(5060) })
    .prefault({})
    .meta({ title: "Address and port for UDP and TCP; port 0 takes free ones" }),
  externalAddress: z.string().optional().meta({ title: "Our address as peers outside the site see it" }),
  realm: z.string().min(1).default("sitebox"),
  /** Only MD5 by default: phones built on libre 1.x give up at a challenge that also offers SHA-256. */
  digestAlgorithms: z
    .array(z.enum(["MD5", "SHA-256"]))
    .min(1)
    .default(["MD5"])
    .meta({ title: "Digest algorithms, the preferred one first" }),
  extensions: z.array(Extension).default([]),
  /** Calls at once, ringing ones included; further ones are refused with 503. */
  maxCalls: z.int().min(1).default(200),
  /** Calls to the service numbers without a password: always, never, or (absent) from private and loopback addresses only. */
  allowAnonymous: z.boolean().optional().meta({ title: "Calls to the service numbers without a password" }),
  /** What callers without a password may dial; absent: every number that is not an extension. */
  serviceNumbers: z.array(z.string()).optional(),
});

export type SipConfig = z.infer<typeof SipConfig>;
/** What may be written in a configuration file. */
export type SipConfigInput = z.input<typeof SipConfig>;
