import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@sitebox/core/testing";
import { alaw, tone } from "@sitebox/drivers/sound";

/** A telephone switch under load: the box, or a peer to measure it by. It knows extension 8001, who calls, and 8002, who answers. */
export interface Switch extends AsyncDisposable {
  readonly name: string;
  /** Where calls that are recorded come from: an extension with its password, or the address of a line ({@link LINE}). */
  readonly recorded: "extension" | "line";
  /** How long after the answer the two are joined: a notice is said before. */
  readonly noticeMs: number;
  /** host:port */
  readonly address: string;
  readonly password: string;
  /** The processes that carry calls, by what they do. */
  processes(): Promise<Readonly<Record<string, readonly number[]>>>;
}

/** Where a calling extension's packets come from, and where a line's do: lines are known by it. */
const CALLER = "127.0.0.5";
export const LINE = "127.0.0.8";
const ANSWERER = "127.0.0.6";

const SDP = `v=0
o=load 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=ptime:20`;

const message = (first: string, headers: readonly string[], body = "") =>
  `<![CDATA[\n\n${[first, ...headers, ...(body ? ["Content-Type: application/sdp"] : []), "Content-Length: [len]", "", body].join("\n")}\n]]>`;

const request = (
  method: string,
  cseq: number,
  { to = "[peer_tag_param]", uri = "[next_url]", from = "8001", more = [] as readonly string[], sdp = false },
) =>
  message(
    `${method} ${uri} SIP/2.0`,
    [
      "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport",
      `From: <sip:${from}@[remote_ip]:[remote_port]>;tag=[pid]a[call_number]`,
      `To: <sip:8002@[remote_ip]:[remote_port]>${to}`,
      "Call-ID: [call_id]",
      `CSeq: ${cseq} ${method}`,
      "Contact: <sip:8001@[local_ip]:[local_port]>",
      "Max-Forwards: 70",
      ...more,
    ],
    sdp ? SDP : "",
  );

const toService = { to: "", uri: "sip:8002@[remote_ip]:[remote_port]" };

const playing = (sound: string) => `<nop><action><exec rtp_stream="${sound},-1,8,PCMA/8000"/></action></nop>`;

/** A line calls 8002 for `holdMs`; its address is what it is known by. */
const lineScenario = (holdMs: number, sound: string | undefined) => `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="line">
<send retrans="500" start_rtd="1">${request("INVITE", 1, { ...toService, sdp: true, from: "13800138000" })}</send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true" rtd="1"/>
<send>${request("ACK", 1, { from: "13800138000" })}</send>
${sound === undefined ? "" : playing(sound)}
<pause milliseconds="${holdMs}"/>
<send retrans="500">${request("BYE", 2, { from: "13800138000" })}</send>
<recv response="200"/>
</scenario>
`;

/** Extension 8001 calls, proves its password, talks for `holdMs` and hangs up. */
const callerScenario = (
  password: string,
  holdMs: number,
  sound: string | undefined,
) => `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="caller">
<send retrans="500">${request("INVITE", 1, { ...toService, sdp: true })}</send>
<recv response="100" optional="true"/>
<recv response="401" optional="true" auth="true" next="1"/>
<recv response="407" auth="true"/>
<label id="1"/>
<send>${message("ACK sip:8002@[remote_ip]:[remote_port] SIP/2.0", [
  "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-4];rport",
  "From: <sip:8001@[remote_ip]:[remote_port]>;tag=[pid]a[call_number]",
  "To: <sip:8002@[remote_ip]:[remote_port]>[peer_tag_param]",
  "Call-ID: [call_id]",
  "CSeq: 1 ACK",
  "Max-Forwards: 70",
])}</send>
<send retrans="500" start_rtd="1">${request("INVITE", 2, { ...toService, sdp: true, more: [`[authentication username=8001 password=${password}]`] })}</send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="183" optional="true"/>
<recv response="200" rrs="true" rtd="1"/>
<send>${request("ACK", 2, {})}</send>
${sound === undefined ? "" : playing(sound)}
<pause milliseconds="${holdMs}"/>
<send retrans="500">${request("BYE", 3, {})}</send>
<recv response="200"/>
</scenario>
`;

/** Extension 8002 answers everything at once. What it hears it says back (-rtp_echo). */
const answererScenario = `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="answerer">
<recv request="INVITE"/>
<send retrans="500">${message(
  "SIP/2.0 200 OK",
  [
    "[last_Via:]",
    "[last_From:]",
    "[last_To:];tag=[pid]b[call_number]",
    "[last_Call-ID:]",
    "[last_CSeq:]",
    "Contact: <sip:8002@[local_ip]:[local_port]>",
  ],
  SDP,
)}</send>
<recv request="ACK"/>
<recv request="BYE" rrs="true"/>
<send>${message("SIP/2.0 200 OK", ["[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "[last_CSeq:]"])}</send>
</scenario>
`;

const registerScenario = (password: string, contact: string) => {
  const register = (cseq: number, more: readonly string[]) =>
    message("REGISTER sip:[remote_ip]:[remote_port] SIP/2.0", [
      "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport",
      "From: <sip:8002@[remote_ip]:[remote_port]>;tag=[pid]r[call_number]",
      "To: <sip:8002@[remote_ip]:[remote_port]>",
      "Call-ID: [call_id]",
      `CSeq: ${cseq} REGISTER`,
      `Contact: <sip:8002@${contact}>`,
      "Expires: 3600",
      "Max-Forwards: 70",
      ...more,
    ]);
  return `<?xml version="1.0" encoding="ISO-8859-1" ?>
<scenario name="register">
<send retrans="500">${register(1, [])}</send>
<recv response="100" optional="true"/>
<recv response="401" auth="true"/>
<send retrans="500">${register(2, [`[authentication username=8002 password=${password}]`])}</send>
<recv response="100" optional="true"/>
<recv response="200"/>
</scenario>
`;
};

export interface CallLoad {
  readonly calls: number;
  readonly perSecond: number;
  readonly holdMs: number;
  /** With sound both ways. */
  readonly sound?: boolean;
  /** Such calls as the switch records. */
  readonly recorded?: boolean;
  /** Told once, when all calls of a load that is held are up. */
  readonly measure?: { readonly afterMs: number; readonly what: () => Promise<void> };
}

export interface CallLoadFigures {
  readonly calls: number;
  readonly failed: number;
  readonly tookMs: number;
  /** From the INVITE with credentials to the 200, as sipp measured it. */
  readonly setupMeanMs: number;
}

/** Two sipp processes that call through a switch. */
export class SippPair implements AsyncDisposable {
  readonly #under: Switch;
  readonly #folder: string;
  readonly #answerer: ChildProcess;

  private constructor(under: Switch, folder: string, answerer: ChildProcess) {
    this.#under = under;
    this.#folder = folder;
    this.#answerer = answerer;
  }

  /** Starts who answers, and logs it in. */
  static async open(under: Switch): Promise<SippPair> {
    const folder = await mkdtemp(join(tmpdir(), "sitebox-load-"));
    await writeFile(join(folder, "answerer.xml"), answererScenario);
    await writeFile(join(folder, "tone.pcma"), Buffer.from(alaw.encode(tone(500, 1_000, 8_000))));
    const port = await freePort(ANSWERER);
    await writeFile(join(folder, "register.xml"), registerScenario(under.password, `${ANSWERER}:${port}`));
    const answerer = start(folder, ["-sf", "answerer.xml", "-i", ANSWERER, "-p", String(port), "-mp", "30000", "-rtp_echo"]);
    const pair = new SippPair(under, folder, answerer);
    await pair.#run(["-sf", "register.xml", "-i", ANSWERER, "-m", "1"]);
    return pair;
  }

  async call({ calls, perSecond, holdMs, sound = false, recorded = false, measure }: CallLoad): Promise<CallLoadFigures> {
    const file = sound ? join(this.#folder, "tone.pcma") : undefined;
    const byLine = recorded && this.#under.recorded === "line";
    const scenario = byLine ? lineScenario(holdMs, file) : callerScenario(this.#under.password, holdMs, file);
    await writeFile(join(this.#folder, "caller.xml"), scenario);
    for (const name of await readdir(this.#folder)) if (name.endsWith(".csv")) await rm(join(this.#folder, name));
    const startedAt = performance.now();
    const limits = [
      "-m",
      String(calls),
      "-r",
      String(perSecond),
      "-l",
      String(calls),
      "-timeout",
      `${Math.ceil(calls / perSecond + holdMs / 1_000) + 60}s`,
    ];
    const running = this.#run([
      "-sf",
      "caller.xml",
      "-i",
      byLine ? LINE : CALLER,
      "-mp",
      "20000",
      ...limits,
      "-trace_stat",
      "-stf",
      "stat.csv",
      "-fd",
      "1",
    ]);
    const measuring = measure && new Promise<void>((resolve) => void setTimeout(resolve, measure.afterMs)).then(measure.what);
    await running.catch(() => undefined);
    await measuring;
    return { calls, ...(await this.#figures()), tookMs: performance.now() - startedAt };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#answerer.kill("SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #run(args: readonly string[]): Promise<void> {
    const running = start(this.#folder, [this.#under.address, ...args]);
    const [code] = (await once(running, "exit")) as [number | null];
    if (code !== 0) throw new Error(`sipp ended with ${code}`);
  }

  async #figures(): Promise<Pick<CallLoadFigures, "failed" | "setupMeanMs">> {
    const [head = "", ...rows] = (await readFile(join(this.#folder, "stat.csv"), "utf8")).trim().split("\n");
    const names = head.split(";");
    const last = rows.at(-1)?.split(";") ?? [];
    const value = (name: string) => last[names.indexOf(name)] ?? "";
    const [, hours = "0", minutes = "0", seconds = "0", millis = "0"] =
      /(\d+):(\d+):(\d+):(\d{3})/.exec(value("ResponseTime1(C)")) ?? [];
    return {
      failed: Number(value("FailedCall(C)")),
      setupMeanMs: ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000 + Number(millis),
    };
  }
}

function start(folder: string, args: readonly string[]): ChildProcess {
  return spawn("sipp", [...args, "-nostdin", "-nd", "-max_socket", "4000"], { cwd: folder, stdio: "ignore" });
}
