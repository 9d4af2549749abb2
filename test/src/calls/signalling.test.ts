import { afterAll, beforeAll, expect, test } from "vitest";
import { sipp } from "../peers/index.ts";
import { World } from "../world.ts";
import { pauseMs, perhaps, receive, receiveRequest, respond, scenario, send } from "./sipp-steps.ts";

let world: World;

beforeAll(async () => {
  // The assistant answers by itself: every scenario calls it.
  world = await World.open({ headquarters: false, configure: (box) => ({ ...box, sip: { ...box.sip, sessionSeconds: 90 } }) });
  await world.startBox();
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const target = () => world.box.ready.sip ?? "";
const invite = (headers: readonly string[] = []) =>
  send("INVITE", { cseq: 1, inDialog: false, sdp: true, headers, attributes: 'retrans="500"' });
const answered = [perhaps(100), perhaps(180), perhaps(183), receive(200)];
const ack = (cseq = 1, attributes = "") => send("ACK", { cseq, attributes });
const bye = (cseq: number) => scenario(send("BYE", { cseq, attributes: 'retrans="500"' }), receive(200));

test.concurrent("answers that are lost on the way are repeated until they arrive", async () => {
  await sipp(
    scenario(invite(), perhaps(100), perhaps(180), perhaps(183), receive(200, 'lost="50"'), ack(), pauseMs(200), bye(2)),
    {
      target: target(),
      calls: 20,
    },
  );
});

test.concurrent("ACKs that are lost on the way are waited for", async () => {
  await sipp(scenario(invite(), ...answered, ack(1, 'lost="50"'), pauseMs(3_000), bye(2)), { target: target(), calls: 20 });
});

test.concurrent("an answer that is never confirmed is ended by the box with BYE", async () => {
  // 64 · T1 = 32 s (RFC 3261 §13.3.1.4).
  await sipp(scenario(invite(), ...answered, receiveRequest("BYE", 'timeout="40000"'), respond(200, "OK")), { target: target() });
});

test.concurrent("a CANCEL that comes after the answer changes nothing", async () => {
  // Five steps behind its INVITE.
  const cancel = send("CANCEL", { cseq: 1, inDialog: false, branchOf: 5 });
  await sipp(scenario(invite(), ...answered, cancel, receive(200), ack(), pauseMs(500), bye(2)), { target: target() });
});

test.concurrent("a provisional answer is confirmed with PRACK where the caller requires it", async () => {
  const rack = "RAck: [$rseq] 1 INVITE";
  const ringing = `<recv response="180" rrs="true"><action><ereg regexp="[0-9]+" search_in="hdr" header="RSeq:" check_it="true" assign_to="rseq"/></action></recv>`;
  await sipp(
    scenario(
      invite(["Require: 100rel"]),
      perhaps(100),
      ringing,
      send("PRACK", { cseq: 2, headers: [rack], attributes: 'retrans="500"' }),
      `<recv response="200"><action><ereg regexp="PRACK" search_in="hdr" header="CSeq:" check_it="true" assign_to="prack"/></action></recv>`,
      receive(200),
      ack(),
      pauseMs(200),
      bye(3),
      '<Reference variables="prack"/>',
    ),
    { target: target() },
  );
});

test.concurrent("an UPDATE that crosses the box's own offer is refused with 491", async () => {
  await sipp(
    scenario(
      invite(),
      ...answered,
      ack(),
      // A re-INVITE without an offer: the box's 200 is the offer, and is still open when the UPDATE comes.
      send("INVITE", { cseq: 2, attributes: 'retrans="500"' }),
      perhaps(100),
      receive(200),
      send("UPDATE", { cseq: 3, sdp: true }),
      receive(491),
      send("ACK", { cseq: 2, sdp: true }),
      pauseMs(200),
      bye(4),
    ),
    { target: target() },
  );
});

test.concurrent("a caller that refreshes nothing is ended when its session expires", async () => {
  await sipp(
    scenario(
      invite(["Supported: timer", "Session-Expires: 90;refresher=uac"]),
      perhaps(100),
      perhaps(180),
      `<recv response="200" rrs="true"><action><ereg regexp="90" search_in="hdr" header="Session-Expires:" check_it="true" assign_to="expires"/></action></recv>`,
      ack(),
      receiveRequest("BYE", 'timeout="95000"'),
      respond(200, "OK"),
      '<Reference variables="expires"/>',
    ),
    { target: target() },
  );
});

test.concurrent("a session interval that is too small is refused with the smallest allowed", async () => {
  await sipp(
    scenario(
      invite(["Supported: timer", "Session-Expires: 30;refresher=uac"]),
      perhaps(100),
      `<recv response="422"><action><ereg regexp="90" search_in="hdr" header="Min-SE:" check_it="true" assign_to="minimum"/></action></recv>`,
      send("ACK", { cseq: 1, branchOf: 3 }),
      '<Reference variables="minimum"/>',
    ),
    { target: target() },
  );
});

test("nothing is left of all these calls", async () => {
  const desk = await world.login("box", "agent");
  const calls = await desk.until<{ state: string }[]>("/api/calls?limit=500", (all) =>
    all.every(({ state }) => state === "ended"),
  );
  expect(calls.length).toBeGreaterThan(40);
});
