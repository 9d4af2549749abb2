import type { FleetTicket, HeadquartersPush, headquartersApi } from "@sitebox/core/contract";
import { ClientError } from "../client/index.ts";
import { isFinished } from "../kit/index.ts";
import { recordedCalls } from "./calls.ts";
import { recordedBoxes, recordedClaims } from "./fleet.ts";
import { recordedMetrics } from "./metrics.ts";
import { account } from "./people.ts";
import { RecordedClient, type Scene } from "./recorded-client.ts";
import { recordedTickets } from "./tickets.ts";

/** Headquarters with a dozen sites. */
export function recordedHeadquarters(scene: Scene): RecordedClient<typeof headquartersApi, HeadquartersPush> {
  const nowAt = Date.now();
  let boxes = scene === "empty" ? [] : recordedBoxes(nowAt);
  let claims = scene === "empty" ? [] : recordedClaims(nowAt);
  let signedIn = scene !== "login";
  const histories = boxes.slice(0, 4).flatMap(({ box, siteName }, index) =>
    recordedTickets(nowAt - index * 127_000)
      .slice(index * 2, index * 2 + 7)
      .map(({ history, ...ticket }) => ({
        ...ticket,
        box,
        siteName,
        number: String(Number(ticket.number) + index * 10_000),
        history: history.map((change) => ({ ...change, receivedAt: change.at + 180 })),
      })),
  );
  const tickets = (): FleetTicket[] => histories.map(({ history: _, ...ticket }) => ticket);

  const answers: Record<
    string,
    (ask: { params?: Record<string, string>; query?: Record<string, unknown>; body?: unknown }) => unknown
  > = {
    me: () => {
      if (!signedIn) throw new ClientError("signed-out", "not signed in", { status: 401 });
      return account("admin", scene === "password");
    },
    login: () => {
      signedIn = true;
      return account("admin");
    },
    logout: () => ({}),
    changePassword: () => account("admin"),
    health: () => ({ state: "ok", software: "0.1.1", boxes: boxes.length, online: boxes.length - 2, deadLetters: 0 }),
    listBoxes: () => boxes,
    box: ({ params }) => boxes.find(({ box }) => box === params?.box),
    boxMetrics: ({ params, query }) => {
      const index = boxes.findIndex(({ box }) => box === params?.box);
      return recordedMetrics(nowAt, Number(query?.limit ?? 480), index + 3);
    },
    boxCalls: () => recordedCalls(nowAt),
    listTickets: ({ query }) =>
      tickets().filter(
        (ticket) => (!query?.box || ticket.box === query.box) && (query?.active === undefined || !isFinished(ticket)),
      ),
    ticket: ({ params }) => histories.find(({ box, id }) => box === params?.box && id === params?.id),
    listClaims: () => claims,
    acceptClaim: ({ body }) => {
      const code = (body as { code: string }).code.toUpperCase();
      const claim = claims.find((one) => one.code === code);
      const model = recordedBoxes(nowAt)[0];
      if (!claim || !model) throw new ClientError("not-found", "no box shows this code");
      const box = { ...model, box: claim.box, siteName: claim.siteName, enrolledAt: nowAt, since: nowAt, openTickets: 0 };
      claims = claims.filter((one) => one !== claim);
      boxes = [box, ...boxes];
      client.push({ type: "box", box });
      return box;
    },
  };

  const client: RecordedClient<typeof headquartersApi, HeadquartersPush> = new RecordedClient(scene, {
    answer(name, ask) {
      const answer = answers[name]?.(ask);
      if (answer === undefined) throw new ClientError("not-found", `nothing recorded for ${name}`);
      return answer;
    },
    request: () => ({}),
    fileUrl: (path) => path,
    opened(push) {
      // A box comes and goes, so that the overview can be seen to live.
      const [, second] = boxes;
      if (scene !== "" || !second) return;
      setTimeout(() => push({ type: "box", box: { ...second, online: false, health: "unknown", since: Date.now() } }), 12_000);
      setTimeout(() => push({ type: "box", box: { ...second, since: Date.now() } }), 20_000);
    },
  });
  return client;
}
