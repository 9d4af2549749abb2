import { z } from "zod";
import { SipTrunk } from "./sip-trunk.ts";

const number = z.string().regex(/^\+?[0-9]{3,20}$/, "digits, with a + before a country code");
const devicePath = z.string().regex(/^\/[\w./:@-]{1,200}$/, "a path such as /dev/ttyUSB2");
const folder = z.string().startsWith("/", "a folder's whole path, as in /host/sys");
/** Never shown again once it is set. */
const secret = z.string().min(1).max(128).meta({ writeOnly: true });

/**
 * Who a SIM or an analogue line belongs to. The law wants each number used by the one it is registered to (Anti-Telecom-Fraud Law, art. 14, 25),
 * so there is no line without.
 */
export const LineOwner = z.strictObject({
  number: number.meta({ title: "Its number" }),
  owner: z.string().trim().min(1).max(100).meta({ title: "Registered to" }),
  purpose: z.string().trim().min(1).max(100).meta({ title: "Used for" }),
  contract: z.string().max(100).optional().meta({ title: "Contract" }),
});
export type LineOwner = z.infer<typeof LineOwner>;

/** As {@link LineOwner}, bound to one card where its serial number is stated: another SIM is not used. */
export const SimOwner = LineOwner.extend({
  iccid: z
    .string()
    .regex(/^\d{18,20}$/, "the 19 or 20 digits printed on the SIM")
    .optional()
    .meta({ title: "Serial number of the SIM (ICCID)" }),
});
export type SimOwner = z.infer<typeof SimOwner>;

/** What one number may do, so that its carrier does not take it for a machine that disturbs people. Emergency calls always may. */
export const LineLimits = z.strictObject({
  callsPerHour: z.int().min(1).default(60),
  callMinutesPerDay: z.int().min(1).default(600),
  /** Between the end of a call and the next one that we dial. */
  secondsBetweenCalls: z.int().min(0).max(3_600).default(3),
  textsPerDay: z.int().min(0).default(200),
  textsPerMinute: z.int().min(1).default(6),
});
export type LineLimits = z.infer<typeof LineLimits>;

/** What a call costs. The first whose pattern fits the whole number counts; a line without one that fits costs nothing. */
export const Tariff = z.strictObject({
  numbers: z.string().min(1).meta({ title: "Numbers", description: "A regular expression over the whole number" }),
  fenPerMinute: z.number().min(0).meta({ title: "Fen a minute" }),
  fenPerCall: z.number().min(0).default(0).meta({ title: "Fen a call" }),
});
export type Tariff = z.infer<typeof Tariff>;

const common = {
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,32}$/, "small letters, digits and hyphens")
    .meta({ title: "Name" }),
  limits: LineLimits.prefault({}).meta({ title: "Limits" }),
  tariffs: z.array(Tariff).default([]).meta({ title: "Prices" }),
};

/** Whose SIM it is; "auto" tells by the SIM. */
const operator = z.enum(["auto", "mobile", "unicom", "telecom"]).default("auto").meta({ title: "Operator" });

/** What operators are asked of their SIMs. */
const balance = {
  /** 0: never asked. */
  balanceHours: z.int().min(0).max(720).default(24).meta({ title: "Ask the balance every so many hours" }),
  lowBalanceYuan: z.number().min(0).default(10).meta({ title: "Alarm below so many yuan" }),
};

/** A carrier, an IP-PBX. `login` is what `kind` is in `sip.trunks`. */
export const SipLine = SipTrunk.extend({
  kind: z.literal("sip"),
  ...common,
  login: SipTrunk.shape.kind.meta({ title: "Login" }),
  password: secret.optional().meta({ title: "Password" }),
});
export type SipLine = z.infer<typeof SipLine>;

/** Kinds of modem whose ways are known; "auto" tells by what it says it is. */
export const ModemProfileName = z.enum(["auto", "quectel-ec2x", "simcom-sim7600", "huawei-e"]);
export type ModemProfileName = z.infer<typeof ModemProfileName>;

/** A GSM modem with its SIM. It is found by its IMEI or by where it is plugged in, whatever its ports are called today. */
export const GsmLine = z
  .strictObject({
    kind: z.literal("gsm"),
    ...common,
    sim: SimOwner.meta({ title: "SIM" }),
    imei: z
      .string()
      .regex(/^\d{15}$/, "15 digits")
      .optional()
      .meta({ title: "IMEI of the modem" }),
    usbPath: z
      .string()
      .regex(/^\d+-\d+(\.\d+)*$/, "as in 1-1.4")
      .optional()
      .meta({ title: "USB socket" }),
    /** Where there is no USB to look at: a serial port, a pseudo-terminal. */
    atPort: devicePath.optional().meta({ title: "Command port" }),
    audioPort: devicePath.optional().meta({ title: "Sound port" }),
    profile: ModemProfileName.default("auto").meta({ title: "Kind of modem" }),
    pin: secret
      .regex(/^\d{4,8}$/, "4 to 8 digits")
      .optional()
      .meta({ title: "PIN" }),
    /** Works in networks other than its own. */
    roaming: z.boolean().default(false).meta({ title: "Roaming" }),
    operator,
    ...balance,
    deliveryReports: z.boolean().default(true).meta({ title: "Ask for delivery reports" }),
  })
  .refine(({ imei, usbPath, atPort }) => [imei, usbPath, atPort].some((one) => one !== undefined), {
    message: "state the modem's IMEI, the USB socket it is in, or its command port",
    path: ["imei"],
    // Told along with what else is wrong, not after it.
    when: ({ value }) => typeof value === "object" && value !== null,
  });
export type GsmLine = z.infer<typeof GsmLine>;

/** A gateway with several SIMs or analogue lines: calls by SIP, the rest by the maker's own interface. */
export const GatewayLine = z.strictObject({
  kind: z.literal("gateway"),
  ...common,
  maker: z.enum(["dinstar", "yeastar", "goip", "other"]).meta({ title: "Maker" }),
  host: z.string().min(1).meta({ title: "Address" }),
  sip: z
    .strictObject({
      port: z.int().min(1).max(65_535).default(5060),
      transport: z.enum(["udp", "tcp", "tls"]).default("udp"),
      /** Answers its digest challenges. */
      user: z.string().optional(),
      password: secret.optional(),
    })
    .prefault({})
    .meta({ title: "SIP" }),
  /** Texts, USSD and port states. Without it only calls are known. */
  management: z
    .strictObject({
      /** Absent: the maker's own, i.e. 80, 5038 or (we listen) 44444. */
      port: z.int().min(0).max(65_535).optional(),
      tls: z.boolean().default(false),
      user: z.string().default("admin"),
      password: secret,
      /** GoIP only: the word that acknowledges a keep-alive; devices differ. */
      replyWord: z.enum(["reg", "req", "resp"]).default("reg"),
      pollSeconds: z.int().min(1).max(600).default(5),
    })
    .optional()
    .meta({ title: "Management" }),
  ports: z
    .array(z.strictObject({ port: z.int().min(0).max(255), id: z.string().max(32).optional(), sim: SimOwner, operator }))
    .min(1)
    .meta({ title: "Ports" }),
  ...balance,
});
export type GatewayLine = z.infer<typeof GatewayLine>;

/** One socket of a telephony card. */
export const CardPort = z.discriminatedUnion("type", [
  /** Goes to a line of the telephone company or of an exchange. */
  z.strictObject({
    type: z.literal("fxo"),
    channel: z.int().min(1).max(1_024).meta({ title: "Channel" }),
    line: LineOwner,
    callerId: z.enum(["auto", "fsk", "dtmf", "off"]).default("auto").meta({ title: "How callers' numbers come" }),
    /** The far end's hang-up is a busy tone, or also a reversal of polarity. */
    hangUp: z.enum(["busy-tone", "polarity", "both"]).default("both").meta({ title: "How a hang-up is known" }),
    receiveGainDb: z.number().min(-20).max(20).default(0),
    transmitGainDb: z.number().min(-20).max(20).default(0),
    /** 0: no echo canceller. */
    echoTaps: z.union([z.literal(0), z.literal(32), z.literal(64), z.literal(128), z.literal(256)]).default(128),
  }),
  /** An ordinary telephone is plugged in; it is an extension. */
  z.strictObject({
    type: z.literal("fxs"),
    channel: z.int().min(1).max(1_024).meta({ title: "Channel" }),
    extension: z
      .string()
      .regex(/^[0-9]{1,8}$/)
      .meta({ title: "Extension" }),
    receiveGainDb: z.number().min(-20).max(20).default(0),
    transmitGainDb: z.number().min(-20).max(20).default(0),
    echoTaps: z.union([z.literal(0), z.literal(32), z.literal(64), z.literal(128), z.literal(256)]).default(128),
  }),
]);
export type CardPort = z.infer<typeof CardPort>;

/** Analogue cards of the kernel's DAHDI. */
export const CardLine = z.strictObject({
  kind: z.literal("dahdi"),
  ...common,
  /** Where a helper listens that somebody else has started; absent: we start our own. */
  helperSocket: devicePath.optional().meta({ title: "Socket of the helper" }),
  ports: z.array(CardPort).min(1).meta({ title: "Ports" }),
});
export type CardLine = z.infer<typeof CardLine>;

/** A line to the outside, by what carries it. */
export const LineConfig = z.discriminatedUnion("kind", [SipLine, GsmLine, GatewayLine, CardLine]);
export type LineConfig = z.infer<typeof LineConfig>;
export type LineConfigInput = z.input<typeof LineConfig>;
export type LineKind = LineConfig["kind"];

/** The box calls its own numbers, each by another line, to learn that they ring and are heard before a guest learns that they do not. */
export const SelfCallConfig = z.strictObject({
  /** 0: never by itself. */
  everyDays: z.int().min(0).max(90).default(7),
  /** In the hour of the site's day that begins then. */
  atHour: z.int().min(0).max(23).default(4),
  /** Lines that are not called. They still call others. */
  except: z.array(z.string()).default([]),
});
export type SelfCallConfig = z.infer<typeof SelfCallConfig>;

/** All lines beside the carriers in `sip.trunks`; pages add more. */
export const LinesConfig = z.strictObject({
  list: z.array(LineConfig).default([]),
  /** SIMs of all modems and gateways together. Devices that bundle SIMs are what the law looks at: raise it only by what your contracts say. */
  mostSims: z.int().min(0).max(64).default(4),
  /** Modems that are plugged in are found and offered on the desk. */
  discovery: z.boolean().default(true),
  selfCall: SelfCallConfig.prefault({}),
  /** Where the kernel shows USB devices and their ports. A container may have the machine's mounted beside its own. */
  usb: z
    .strictObject({
      sysDir: folder.default("/sys"),
      devDir: folder.default("/dev"),
    })
    .prefault({}),
});
export type LinesConfig = z.infer<typeof LinesConfig>;
