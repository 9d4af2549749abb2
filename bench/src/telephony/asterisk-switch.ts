import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "@sitebox/core/testing";
import { childrenOf } from "@sitebox/test";
import type { Switch } from "./sipp-load.ts";

const PASSWORD = "secret-of-load";
const HOST = "127.0.0.7";

const endpoint = (number: string) => `
[${number}]
type=endpoint
context=load
disallow=all
allow=alaw
auth=${number}
aors=${number}
direct_media=no
rtp_symmetric=yes
[${number}]
type=auth
auth_type=userpass
username=${number}
password=${PASSWORD}
[${number}]
type=aor
max_contacts=1
`;

/**
 * Asterisk in a root file system of its own (`tools/asterisk-root.sh` makes it), recording every call with MixMonitor into one mixed
 * file; the box writes two channels.
 * @returns undefined where there is none on this machine.
 */
export async function asteriskSwitch(root: string): Promise<Switch | undefined> {
  if (!existsSync(join(root, "usr/sbin/asterisk"))) return undefined;
  const port = await freePort(HOST);
  const folder = join(root, "load");
  await rm(folder, { recursive: true, force: true });
  for (const name of ["", "run", "log", "spool", "lib", "cdr"]) await mkdir(join(folder, name), { recursive: true });
  const files: Readonly<Record<string, string>> = {
    "asterisk.conf": `[directories]
astetcdir => /load
astrundir => /load/run
astlogdir => /load/log
astspooldir => /load/spool
astdbdir => /load/lib
astvarlibdir => /var/lib/asterisk
astdatadir => /usr/share/asterisk
[options]
verbose=0
`,
    "modules.conf": `[modules]
autoload=yes
noload=chan_iax2.so
noload=chan_unistim.so
noload=chan_skinny.so
noload=chan_mgcp.so
noload=pbx_ael.so
noload=pbx_dundi.so
noload=res_phoneprov.so
noload=cdr_sqlite3_custom.so
`,
    "pjsip.conf": `[transport]
type=transport
protocol=udp
bind=${HOST}:${port}
${endpoint("8001")}${endpoint("8002")}`,
    "rtp.conf": "[general]\nrtpstart=40000\nrtpend=44999\n",
    "extensions.conf": `[load]
exten => 8002,1,MixMonitor(/load/spool/\${UNIQUEID}.wav)
 same => n,Dial(PJSIP/8002)
 same => n,Hangup()
`,
    "logger.conf": "[logfiles]\nmessages => error\n",
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const running = spawn("chroot", [root, "sh", "-c", "ulimit -n 65536; exec asterisk -f -C /load/asterisk.conf"], {
    stdio: "ignore",
  });
  const isUp = async () => existsSync(join(folder, "run/asterisk.ctl"));
  while (!(await isUp())) {
    if (running.exitCode !== null) throw new Error("Asterisk ended at its start");
    await new Promise((resolve) => void setTimeout(resolve, 200));
  }
  await new Promise((resolve) => void setTimeout(resolve, 3_000));
  return {
    name: "Asterisk",
    recorded: "extension",
    noticeMs: 0,
    address: `${HOST}:${port}`,
    password: PASSWORD,
    processes: async () => ({ asterisk: [running.pid ?? 0, ...(await childrenOf(process.pid, "asterisk -f"))].slice(-1) }),
    async [Symbol.asyncDispose]() {
      const exited = once(running, "exit");
      running.kill("SIGTERM");
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
