import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@sitebox/core/testing";
import { type Running, run } from "./peers.ts";

export interface KamailioOptions {
  /** Its address: one of its own on the loopback network, so that nothing else of the machine passes for it. */
  readonly host?: string;
  readonly realm?: string;
  /** The password of every account: what is tested is whoever logs in. */
  readonly password: string;
  readonly algorithm?: "MD5" | "SHA-256";
  /** Where numbers that are not logged in are called, "host:port". */
  readonly outside?: string;
  /** Files of a certificate, for TLS beside UDP and TCP. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
}

export interface Kamailio extends Running {
  readonly host: string;
  /** For UDP and TCP. */
  readonly port: number;
  /** 0 without a certificate. */
  readonly tlsPort: number;
}

const READY = "the carrier is ready";

/** Kamailio as a carrier: accounts log in with digest, calls to them come in, all other numbers go outside and want a login. */
export async function kamailio({ host = "127.0.0.3", ...options }: KamailioOptions): Promise<Kamailio> {
  const dir = await mkdtemp(join(tmpdir(), "kamailio-"));
  const [port, tlsPort] = await Promise.all([freePort(host), options.tls ? freePort(host) : 0]);
  await writeFile(join(dir, "kamailio.cfg"), configOf({ host, port, tlsPort, ...options }));
  const args = [
    "-f",
    join(dir, "kamailio.cfg"),
    "-DD",
    "-E",
    "-w",
    dir,
    "-Y",
    dir,
    "-P",
    join(dir, "pid"),
    "-m",
    "32",
    "-M",
    "4",
  ];
  // It ends its children only when it is asked to end.
  const running = await run("kamailio", args, { debian: "kamailio kamailio-tls-modules", stop: "SIGTERM" });
  await running.said(READY);
  return {
    ...running,
    host,
    port,
    tlsPort,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
}

type Settings = Omit<KamailioOptions, "host"> & { readonly host: string; readonly port: number; readonly tlsPort: number };

function configOf({
  host,
  port,
  tlsPort,
  realm = "carrier.example",
  password,
  algorithm = "MD5",
  outside,
  tls,
}: Settings): string {
  const secure = tls && [
    "enable_tls=yes",
    `listen=tls:${host}:${tlsPort}`,
    'loadmodule "tls.so"',
    `modparam("tls", "private_key", "${tls.keyFile}")`,
    `modparam("tls", "certificate", "${tls.certificateFile}")`,
    'modparam("tls", "tls_method", "TLSv1.2+")',
  ];
  const modules = ["tm", "sl", "rr", "pv", "maxfwd", "textops", "siputils", "xlog", "auth", "usrloc", "registrar"];
  return `#!KAMAILIO
debug=1
log_stderror=yes
children=2
tcp_children=2
auto_aliases=no
dns=no
rev_dns=no
listen=udp:${host}:${port}
listen=tcp:${host}:${port}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/aarch64-linux-gnu/kamailio/modules/"
${(secure ?? []).filter((line) => !line.startsWith("modparam")).join("\n")}
${modules.map((name) => `loadmodule "${name}.so"`).join("\n")}
${(secure ?? []).filter((line) => line.startsWith("modparam")).join("\n")}
modparam("usrloc", "db_mode", 0)
modparam("auth", "algorithm", "${algorithm}")
modparam("rr", "enable_full_lr", 1)

event_route[core:worker-one-init] {
  xlog("L_ALERT", "${READY}\\n");
}

request_route {
  if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
  if (has_totag()) {
    if (loose_route()) { t_relay(); exit; }
    if (is_method("ACK")) { if (t_check_trans()) { t_relay(); } exit; }
    sl_send_reply("404", "Not here");
    exit;
  }
  if (is_method("CANCEL")) { if (t_check_trans()) { t_relay(); } exit; }
  if (is_method("OPTIONS")) { sl_send_reply("200", "Here"); exit; }
  if (is_method("REGISTER")) {
    if (!pv_www_authenticate("${realm}", "${password}", "0")) { www_challenge("${realm}", "1"); exit; }
    save("location");
    exit;
  }
  record_route();
  if (lookup("location")) { t_relay(); exit; }
  if (is_method("INVITE")) {
    if (!pv_proxy_authenticate("${realm}", "${password}", "0")) { proxy_challenge("${realm}", "1"); exit; }
    consume_credentials();
  }
${outside === undefined ? '  sl_send_reply("404", "Nobody");' : `  $du = "sip:${outside}";\n  t_relay();`}
}
`;
}
