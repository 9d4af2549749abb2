import { silentLog } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { noBody, noParams, responseTo, type SipMessage, type SipRequest, sipUri } from "../parser/index.ts";
import { newBranch, type ServerTransaction, Transactions } from "./index.ts";

const peer = { transport: "udp", host: "192.0.2.1", port: 5060 } as const;

function requestOf(method: string, change: Partial<SipRequest> = {}): SipRequest {
  const via = { transport: "UDP", host: "192.0.2.9", port: 5070, params: new Map([["branch", newBranch()]]) };
  return {
    type: "request",
    method,
    uri: sipUri("box.example", { user: "8000" }),
    vias: [via],
    from: { uri: sipUri("phone.example"), params: new Map([["tag", "a"]]) },
    to: { uri: sipUri("box.example"), params: noParams },
    callId: "call",
    cseq: { number: 1, method },
    headers: [],
    body: noBody,
    ...change,
  };
}

interface Ends {
  readonly clock: VirtualClock;
  readonly client: Transactions;
  readonly server: Transactions;
  readonly requests: ServerTransaction[];
  readonly acks: SipRequest[];
}

/** Two ends joined by a network that may lose, double and delay messages as `fate` says: how many copies arrive, and when. */
function joined(fate: (message: SipMessage) => readonly number[]): Ends {
  const clock = new VirtualClock(0);
  const requests: ServerTransaction[] = [];
  const acks: SipRequest[] = [];
  const user = {
    onRequest: (transaction: ServerTransaction) => void requests.push(transaction),
    onAck: (ack: SipRequest) => void acks.push(ack),
    onUnanswered: () => {},
  };
  const way = (to: () => Transactions) => async (message: SipMessage) => {
    for (const delayMs of fate(message)) clock.after(delayMs, () => to().receive(message, peer));
  };
  const client: Transactions = new Transactions({ clock, log: silentLog, user, send: way(() => server) });
  const server: Transactions = new Transactions({ clock, log: silentLog, user, send: way(() => client) });
  return { clock, client, server, requests, acks };
}

test("one request arrives once and gets one answer, whatever the network loses, doubles and turns around", async () => {
  const fates = fc.array(fc.array(fc.nat(900), { maxLength: 3 }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom("OPTIONS", "INVITE"), fates, async (method, script) => {
      let sent = 0;
      const { clock, client, server, requests } = joined(() => script[sent++] ?? [10]);
      const statuses: (number | string)[] = [];
      client.request(requestOf(method), peer, {
        onResponse: ({ status }) => void statuses.push(status),
        onFailure: (fault) => void statuses.push(fault),
      });
      for (let step = 0; step < 400; step++) {
        await clock.advance(500);
        for (const transaction of requests)
          if (step % 8 === 7) transaction.respond(responseTo(transaction.request, 486, { toTag: "b" }));
      }
      expect(requests.length).toBeLessThanOrEqual(1);
      expect(statuses.filter((status) => status === 486 || status === "timeout")).toHaveLength(1);
      expect([client.size, server.size, clock.pending]).toEqual([0, 0, 0]);
    }),
    { numRuns: 40 },
  );
});

test("the ACK of a refusal stays below, the ACK of a 2xx reaches the user", async () => {
  const { clock, client, server, requests, acks } = joined(() => [1]);
  const invite = requestOf("INVITE");
  client.request(invite, peer, { onResponse: () => {}, onFailure: () => {} });
  await clock.advance(10);
  requests[0]?.respond(responseTo(invite, 486, { toTag: "b" }));
  await clock.advance(10);
  expect(acks).toEqual([]);
  server.receive(requestOf("ACK"), peer);
  expect(acks).toHaveLength(1);
});

test("a CANCEL finds its INVITE by the branch", async () => {
  const { clock, client, server, requests } = joined(() => [1]);
  const invite = requestOf("INVITE");
  client.request(invite, peer, { onResponse: () => {}, onFailure: () => {} });
  await clock.advance(10);
  const cancel = { ...invite, method: "CANCEL", cseq: { number: 1, method: "CANCEL" } };
  expect(server.inviteOf(cancel)).toBe(requests[0]);
  expect(server.inviteOf({ ...cancel, vias: requestOf("CANCEL").vias })).toBeUndefined();
});

test("the same request by two ways is answered once and refused once with 482", async () => {
  const sent: SipMessage[] = [];
  const requests: ServerTransaction[] = [];
  const server = new Transactions({
    clock: new VirtualClock(0),
    log: silentLog,
    send: async (message) => void sent.push(message),
    user: { onRequest: (transaction) => void requests.push(transaction), onAck: () => {}, onUnanswered: () => {} },
  });
  server.receive(requestOf("INVITE"), peer);
  server.receive(requestOf("INVITE"), peer);
  expect([requests.length, sent.map((message) => message.type === "response" && message.status)]).toEqual([1, [482]]);
});

test("requests of RFC 2543, without a branch of today, are told apart too", async () => {
  const requests: ServerTransaction[] = [];
  const server = new Transactions({
    clock: new VirtualClock(0),
    log: silentLog,
    send: async () => {},
    user: { onRequest: (transaction) => void requests.push(transaction), onAck: () => {}, onUnanswered: () => {} },
  });
  const old = (number: number) =>
    requestOf("INVITE", { vias: [{ transport: "UDP", host: "old", params: noParams }], cseq: { number, method: "INVITE" } });
  for (const number of [1, 1, 2]) server.receive(old(number), peer);
  expect(requests.map(({ request }) => request.cseq.number)).toEqual([1, 2]);
});

test("a transport that fails is told to the user at once", async () => {
  const clock = new VirtualClock(0);
  const client = new Transactions({
    clock,
    log: silentLog,
    send: () => Promise.reject(new Error("no route")),
    user: { onRequest: () => {}, onAck: () => {}, onUnanswered: () => {} },
  });
  const faults: string[] = [];
  client.request(requestOf("INVITE"), peer, { onResponse: () => {}, onFailure: (fault) => void faults.push(fault) });
  await clock.advance(0);
  expect([faults, client.size, clock.pending]).toEqual([["transport"], 0, 0]);
});

test("answers go to the port of the Via, or with rport to where the request came from", () => {
  const ports: number[] = [];
  const server = new Transactions({
    clock: new VirtualClock(0),
    log: silentLog,
    send: async (_message, to) => void ports.push(to.port),
    user: {
      onRequest: (transaction) => transaction.respond(responseTo(transaction.request, 200)),
      onAck: () => {},
      onUnanswered: () => {},
    },
  });
  const from = { ...peer, port: 40_000 };
  const via = { transport: "UDP", host: "192.0.2.9", port: 5070 };
  const branch = () => ["branch", newBranch()] as const;
  server.receive(requestOf("OPTIONS", { vias: [{ ...via, params: new Map([branch()]) }] }), from);
  server.receive(
    requestOf("OPTIONS", { callId: "b", vias: [{ ...via, params: new Map([branch(), ["rport", "40000"]]) }] }),
    from,
  );
  expect(ports).toEqual([5_070, 40_000]);
});
