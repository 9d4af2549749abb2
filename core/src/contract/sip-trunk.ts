import { z } from "zod";

const port = z.int().min(0).max(65_535);

function isPattern(text: string): boolean {
  try {
    return new RegExp(text).source !== "";
  } catch {
    return false;
  }
}

/** A rule on a number: the first whose pattern (a regular expression over the whole number) fits rewrites it; `$1` is what the first group took. */
export const NumberRule = z.strictObject({
  match: z.string().refine(isPattern, "not a regular expression").meta({ title: "Pattern" }),
  replace: z.string().meta({ title: "Becomes" }),
});
export type NumberRule = z.infer<typeof NumberRule>;

/** A line to a carrier, an IP-PBX or a gateway. */
export const SipTrunk = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,32}$/, "small letters, digits and hyphens"),
  /** "register": we log in there and calls come over that login; "static": both know the other's address. */
  kind: z.enum(["register", "static"]).default("static"),
  /** The far end's domain or address; a name is looked up by SRV, then by address (RFC 3263). */
  host: z.string().min(1),
  port: port.optional(),
  transport: z.enum(["udp", "tcp", "tls"]).default("udp"),
  user: z.string().optional().meta({ title: "User name of the login; also answers their digest challenges" }),
  password: z.string().optional(),
  registerSeconds: z.int().min(30).max(86_400).default(300),
  /** OPTIONS this often tells whether the line is up. */
  keepAliveSeconds: z.int().min(5).max(3_600).default(30),
  /** The numbers that this line owns: no other is ever shown as the caller's. The first is shown where the caller's own is not among them. */
  numbers: z.array(z.string()).default([]),
  /** What these numbers become on their way out and in: dialled numbers out, callers' numbers in. */
  outgoingRules: z.array(NumberRule).default([]),
  incomingRules: z.array(NumberRule).default([]),
  maxCalls: z.int().min(1).default(30),
  srtp: z.enum(["off", "prefer", "require"]).default("off"),
  /** Further addresses or networks (CIDR) from which its calls may come; the resolved host always may. */
  allowFrom: z.array(z.string()).default([]),
});
export type SipTrunk = z.infer<typeof SipTrunk>;
export type SipTrunkInput = z.input<typeof SipTrunk>;
