// node probe.mjs <file with addresses> [least number of web addresses, 2]
// Asks a running Sitebox: GET on every http(s) address in the file, OPTIONS on every SIP address. Ends with 1 when one is silent.
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { request as get } from "node:http";
import { request as getSecurely } from "node:https";

const output = readFileSync(process.argv[2], "utf8");
const found = (pattern) => [...new Set(output.match(pattern) ?? [])];
const urls = found(/https?:\/\/[^\s"'，。]+/g);
const sips = found(/(?<=sip:|"sip":")[\w.@-]+:\d+/g);

const status = (url) =>
  new Promise((resolve) => {
    const ask = (url.startsWith("https") ? getSecurely : get)(url, { rejectUnauthorized: false, timeout: 5_000 }, (answer) => {
      answer.resume();
      resolve(`HTTP ${answer.statusCode}`);
    });
    ask.on("timeout", () => ask.destroy(new Error("silent for 5 s")));
    ask.on("error", (error) => resolve(`failed: ${error.message}`));
    ask.end();
  });

const options = (sip) =>
  new Promise((resolve) => {
    const [, host, port] = /([\w.-]+):(\d+)$/.exec(sip);
    const socket = createSocket("udp4");
    const silent = setTimeout(() => {
      socket.close();
      resolve("failed: silent for 5 s");
    }, 5_000);
    socket.on("message", (message) => {
      clearTimeout(silent);
      socket.close();
      resolve(message.toString().split("\r\n", 1)[0]);
    });
    socket.bind(0, () => {
      const { port: own } = socket.address();
      const lines = [
        `OPTIONS sip:${host}:${port} SIP/2.0`,
        `Via: SIP/2.0/UDP 127.0.0.1:${own};branch=z9hG4bKprobe${own};rport`,
        "Max-Forwards: 70",
        `From: <sip:probe@127.0.0.1:${own}>;tag=probe`,
        `To: <sip:${host}:${port}>`,
        `Call-ID: probe-${own}`,
        "CSeq: 1 OPTIONS",
        `Contact: <sip:probe@127.0.0.1:${own}>`,
        "Content-Length: 0",
        "",
        "",
      ];
      socket.send(lines.join("\r\n"), Number(port), host);
    });
  });

const answers = [
  ...(await Promise.all(urls.map(async (url) => [`GET ${url}`, await status(url)]))),
  ...(await Promise.all(sips.map(async (sip) => [`OPTIONS sip:${sip}`, await options(sip)]))),
];
for (const [question, answer] of answers) process.stdout.write(`${question} -> ${answer}\n`);
const good = answers.every(([, answer]) => /^HTTP [23]|^HTTP 401|^SIP\/2\.0 200/.test(answer));
if (!good || urls.length < Number(process.argv[3] ?? 2) || sips.length < 1) process.exitCode = 1;
