import { expect, test } from "vitest";
import { baresip, type CertificateFiles, certificateFiles, kamailio, testAuthority } from "../testing/index.ts";
import { lineIs, next, openBox, openCarrier, soon } from "./rig.testing.ts";

async function loopbackFiles(): Promise<CertificateFiles> {
  const authority = await testAuthority();
  const names = ["127.0.0.1", "127.0.0.3"].map((value) => ({ type: "ip" as const, value }));
  return certificateFiles(await authority.issue({ names }), authority);
}

test("baresip registers over TLS, calls with SRTP and is called", async () => {
  await using files = await loopbackFiles();
  const extensions = [{ number: "8001", password: "secret" }];
  await using box = await openBox({ extensions, srtp: "require", tls: { port: 0, ...files } });
  const at = `127.0.0.1:${box.address.tlsPort}`;
  await using phone = await baresip({
    account: `<sip:8001@${at};transport=tls>;auth_pass=secret;regint=60;mediaenc=srtp-mand`,
    toneHz: 440,
    config: [`sip_cafile ${files.caFile}`, "module srtp.so"],
  });
  await phone.said("200 OK");
  expect(box.registrations()).toMatchObject([{ number: "8001", source: { transport: "tls" } }]);

  await phone.command("dial", `sip:8000@${at}`);
  const leg = await phone.during(next(box));
  await leg.answer();
  expect([leg.remote, leg.dialled]).toEqual(["8001", "8000"]);
  await leg.hangup("normal");
  await leg.ended;

  const dialling = box.dial("8001", { signal: soon(), callerNumber: "8000" });
  await phone.said("Incoming call");
  await phone.command("accept");
  const outcome = await phone.during(dialling);
  if (outcome.type !== "answered") throw new Error(JSON.stringify(outcome));
  await outcome.leg.hangup("normal");
});

test("a line logs in at kamailio over TLS, and calls go both ways", async () => {
  await using files = await loopbackFiles();
  await using outside = await openCarrier();
  const { host, udpPort } = outside.address;
  await using carrier = await kamailio({ password: "secret", outside: `${host}:${udpPort}`, tls: files });
  const trunk = { name: "carrier", kind: "register", transport: "tls", host: carrier.host, port: carrier.tlsPort } as const;
  await using box = await openBox({
    tls: { port: 0, caFile: files.caFile },
    trunks: [{ ...trunk, user: "4001", password: "secret", numbers: ["02161234567"] }],
  });
  await carrier.during(lineIs(box, "up"));
  const dialling = box.line("carrier").dial("13800138000", { signal: soon() });
  const there = await next(outside);
  await there.answer();
  const outcome = await dialling;
  if (outcome.type !== "answered") throw new Error(JSON.stringify(outcome));
  await outcome.leg.hangup("normal");
  expect(await there.ended).toBe("normal");

  const calling = outside.dial(`sip:4001@${carrier.host}:${carrier.port}`, { signal: soon(), callerNumber: "13911112222" });
  const here = await next(box);
  expect([here.line, here.dialled]).toEqual(["carrier", "02161234567"]);
  await here.answer();
  const called = await calling;
  if (called.type !== "answered") throw new Error(JSON.stringify(called));
  await here.hangup("normal");
  expect(await called.leg.ended).toBe("normal");
});

test("a line whose far end shows a certificate of nobody we know is down for that, and calls say so", async () => {
  await using files = await loopbackFiles();
  await using carrier = await kamailio({ password: "secret", tls: files });
  const trunk = { name: "carrier", transport: "tls", host: carrier.host, port: carrier.tlsPort } as const;
  await using box = await openBox({ trunks: [trunk] });
  const reason = `${carrier.host} port ${carrier.tlsPort}: its certificate comes from an unknown authority`;
  expect(await lineIs(box, "down")).toMatchObject({ reason });
  expect(await box.line("carrier").dial("13800138000", { signal: soon() })).toEqual({ type: "unreachable", reason });
});
