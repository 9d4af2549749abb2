import type { linesApi } from "@sitebox/core/contract";
import { BytesAnswer, type Handlers, WebError } from "@sitebox/core/web";
import type { z } from "zod";
import type { BoxHttpDeps } from "./deps.ts";
import { lineFor, textFor } from "./views.ts";

type LineRoutes = typeof linesApi & {
  readonly lineTranscript: {
    readonly method: "GET";
    readonly path: "/api/lines/:name/transcript";
    readonly roles: readonly ["admin"];
    readonly answer: z.ZodUnknown;
  };
};

/** What carries the routes of lines and texts out. */
export function lineHandlers(deps: Pick<BoxHttpDeps, "lines" | "texts" | "log">): Handlers<LineRoutes> {
  const { lines, texts } = deps;
  const log = deps.log.child("http");
  return {
    lines: async ({ account }) => lines.list().map((line) => lineFor(account, line)),
    lineConfigs: async () => lines.configs(),
    lineChanges: async ({ query }) => lines.changes(query),
    addLine: async ({ account, body }) => {
      const added = await lines.add(body, account.name);
      log.info("a line was added", { line: body.name, kind: body.kind, account: account.id });
      return added;
    },
    changeLine: async ({ account, params, body }) => {
      const changed = await lines.change(params.name, body, account.name);
      log.info("a line was changed", { line: params.name, account: account.id });
      return changed;
    },
    removeLine: async ({ account, params }) => {
      await lines.remove(params.name, account.name);
      log.info("a line was removed", { line: params.name, account: account.id });
      return {};
    },
    switchLine: async ({ account, params, body }) => {
      const line = await lines.switch(params.name, body.on);
      log.info("a line was switched", { line: params.name, on: body.on, account: account.id });
      return lineFor(account, line);
    },
    testCall: async ({ account, params, body }) => ({ callId: await lines.testCall(params.name, body.to, account.name) }),
    testText: async ({ params, body }) => texts.test(params.name, body.to),
    ussd: async ({ account, params, body }) => {
      log.info("a service code is asked", { line: params.name, account: account.id });
      return { answer: await lines.ussd(params.name, body.code, body.port) };
    },
    askBalance: ({ params }) => lines.askBalance(params.name),
    selfCall: ({ account, params }) => {
      log.info("a line is called by another", { line: params.name, account: account.id });
      return lines.selfCall(params.name);
    },
    foundDevices: async () => lines.found(),
    texts: async ({ account, query }) => (await texts.list(query.limit)).flatMap((text) => textFor(account, text) ?? []),
    sendText: async ({ account, body }) => {
      const text = await texts.send(body);
      log.info("a text is sent from the desk", { text: text.id, account: account.id });
      return textFor(account, text) ?? text;
    },
    answerText: async ({ account, params, body }) => {
      const asked = await texts.find(params.id);
      if (!asked || !textFor(account, asked)) throw new WebError("no-such-text");
      const text = await texts.answer(params.id, body.text);
      log.info("a text is answered from the desk", { text: text.id, asked: params.id, account: account.id });
      return textFor(account, text) ?? text;
    },
    lineTranscript: async ({ account, params }) => {
      const text = lines.transcript(params.name);
      // Numbers and texts are in it: who took it has to be known afterwards.
      log.info("traffic of a line exported", { line: params.name, account: account.id });
      return new BytesAnswer("application/jsonl", new TextEncoder().encode(text));
    },
  };
}
