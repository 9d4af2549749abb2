import {
  type BoxPush,
  Call,
  type ConfiguredLine,
  type FoundDevice,
  fieldIssue,
  type LineChange,
  type LineConfigInput,
  OutsideLine,
  TextMessage,
} from "@sitebox/core/contract";
import { ClientError } from "../client/index.ts";
import { recordedDevices, recordedLineConfigs, recordedLines, recordedTexts } from "./lines.ts";

interface Asked {
  readonly params?: Record<string, string>;
  readonly body?: unknown;
}

/** The lines, found devices and texts of the recorded box, and what can be done with them. */
export function recordedLineDesk(scene: string, nowAt: number, push: (push: BoxPush) => void) {
  const isEmpty = scene === "empty";
  let lines: readonly OutsideLine[] = isEmpty ? [] : recordedLines(nowAt);
  let configs: readonly ConfiguredLine[] = isEmpty ? [] : recordedLineConfigs();
  let devices: readonly FoundDevice[] = isEmpty ? [] : recordedDevices();
  let texts: readonly TextMessage[] = isEmpty ? [] : recordedTexts(nowAt);

  const find = (name: string | undefined): OutsideLine => {
    const line = lines.find((one) => one.name === name);
    if (!line) throw new ClientError("not-found", "no such line");
    return line;
  };
  const keep = (line: OutsideLine) => {
    lines = [...lines.filter(({ name }) => name !== line.name), line];
    push({ type: "line", line });
    return line;
  };
  const keepText = (text: TextMessage) => {
    texts = [text, ...texts.filter(({ id }) => id !== text.id)];
    push({ type: "text", text });
    return text;
  };
  const sendText = (line: string, number: string, text: string) => {
    const sent = TextMessage.parse({
      id: `sms-${Date.now()}`,
      line,
      direction: "out",
      number,
      text,
      state: "waiting",
      at: Date.now(),
    });
    setTimeout(() => keepText({ ...sent, state: "sent" }), 1_500);
    setTimeout(() => keepText({ ...sent, state: "delivered" }), 4_000);
    return keepText(sent);
  };
  const configured = (body: unknown): ConfiguredLine => {
    const config = body as LineConfigInput;
    return { name: config.name, origin: "page", config: { ...config } };
  };

  return {
    lines: () => lines,
    lineConfigs: () => configs,
    lineChanges: ({ query }: { readonly query?: Record<string, unknown> }): LineChange[] =>
      configs
        .filter(({ name }) => query?.line === undefined || name === query.line)
        .map(({ name, origin, config }) => ({
          at: nowAt - 86_400_000,
          actor: origin === "file" ? "config-file" : "admin",
          line: name,
          type: "added",
          after: config,
        })),
    foundDevices: () => devices,
    texts: () => texts,
    addLine({ body }: Asked) {
      const added = configured(body);
      if (lines.some(({ name }) => name === added.name))
        throw new ClientError("name-taken", "the name is taken", {
          code: "line-name-taken",
          about: { name: added.name },
          issues: [fieldIssue("name", "name-of-line", { name: added.name })],
        });
      configs = [...configs, added];
      devices = devices.filter(({ imei }) => imei !== added.config.imei);
      push({ type: "found-devices", devices: [...devices] });
      const can = { text: added.config.kind === "gsm", ussd: added.config.kind === "gsm", balance: added.config.kind === "gsm" };
      keep(OutsideLine.parse({ ...added.config, state: "starting", calls: 0, maxCalls: 1, numbers: [], can, ports: undefined }));
      return added;
    },
    changeLine({ body }: Asked) {
      const changed = configured(body);
      configs = configs.map((one) => (one.name === changed.name ? changed : one));
      return changed;
    },
    removeLine({ params }: Asked) {
      const { name } = find(params?.name);
      lines = lines.filter((line) => line.name !== name);
      push({ type: "line-removed", name });
      return {};
    },
    switchLine({ params, body }: Asked) {
      const { fault: _fault, reason: _reason, ...line } = find(params?.name);
      const { on } = body as { on: boolean };
      return keep(on ? { ...line, state: "up" } : { ...line, state: "down", fault: "switched-off" });
    },
    testCall({ params, body }: Asked) {
      const { name } = find(params?.name);
      const { to } = body as { to: string };
      const call = Call.parse({
        id: `c-test-${Date.now()}`,
        channel: "desk",
        callerNumber: "admin",
        testedLine: name,
        dialled: to,
        state: "ringing",
        startedAt: Date.now(),
        ticketIds: [],
        hasRecording: false,
      });
      setTimeout(() => push({ type: "call", call }), 300);
      const answered = { ...call, answeredAt: call.startedAt + 3_000 };
      setTimeout(() => push({ type: "call", call: { ...answered, state: "outside" } }), 3_000);
      setTimeout(
        () => push({ type: "call", call: { ...answered, state: "ended", outcome: "outside", endedAt: Date.now() } }),
        8_000,
      );
      return { callId: call.id };
    },
    testText: ({ params, body }: Asked) => sendText(find(params?.name).name, (body as { to: string }).to, "测试短信，请忽略。"),
    ussd: () => ({ answer: "您的账户余额为 6.40 元，有效期至 2027-03-31。中国移动" }),
    askBalance({ params }: Asked) {
      const balance = { yuan: 6.4, at: Date.now() };
      keep({ ...find(params?.name), balance });
      return balance;
    },
    selfCall({ params }: Asked) {
      const line = find(params?.name);
      const tone = { heard: true, level: -14 };
      const selfCalls = line.numbers.map((number) => ({
        ...{ number, at: Date.now(), by: "carrier-a", result: "good" as const },
        ...{ toLine: tone, fromLine: tone },
      }));
      keep({ ...line, selfCalls });
      return selfCalls;
    },
    sendText({ body }: Asked) {
      const { to, text, line } = body as { to: string; text: string; line?: string };
      return sendText(line ?? "gsm-front", to, text);
    },
    answerText({ params, body }: Asked) {
      const asked = texts.find(({ id }) => id === params?.id);
      if (!asked) throw new ClientError("not-found", "no such text");
      return sendText(asked.line, asked.number, (body as { text: string }).text);
    },
  };
}
