import { TicketId } from "@sitebox/core/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Outbox, type Sent, type WaitingCommand } from "./index.ts";

/** Storage as a browser keeps it: it outlives the page. */
const openStorage = () => {
  const kept = new Map<string, string>();
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
};

const waiting = (commandId: string): WaitingCommand => ({
  ticketId: TicketId.parse("t1"),
  number: "10001",
  at: 0,
  command: { action: "comment", commandId, note: "x" },
});

/** What the network does to one attempt; the box drops a command that it has seen, as its contract says. */
type Weather = "fine" | "request-lost" | "answer-lost";

class Box {
  readonly done: string[] = [];
  readonly weather: Weather[] = [];

  send = async ({ command }: WaitingCommand): Promise<Sent> => {
    await Promise.resolve();
    const weather = this.weather.shift() ?? "fine";
    if (weather === "request-lost") return { type: "later" };
    if (!this.done.includes(command.commandId)) this.done.push(command.commandId);
    return weather === "answer-lost" ? { type: "later" } : { type: "done" };
  };
}

type Step = { type: "press" } | { type: "flush"; weather: Weather[] } | { type: "reload" } | { type: "two-tabs" };
const steps = fc.array(
  fc.oneof(
    fc.constant<Step>({ type: "press" }),
    fc.constant<Step>({ type: "reload" }),
    fc.constant<Step>({ type: "two-tabs" }),
    fc
      .array(fc.constantFrom<Weather>("fine", "request-lost", "answer-lost"), { maxLength: 6 })
      .map((weather): Step => ({ type: "flush", weather })),
  ),
  { maxLength: 40 },
);

describe("the commands of a repairman", () => {
  it("reach the box once each and in order, whatever is lost and however often the page is reloaded", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (life) => {
        const storage = openStorage();
        const box = new Box();
        const open = () => new Outbox({ storage, send: box.send, changed: () => undefined });
        let page = open();
        const pressed: string[] = [];
        for (const step of life) {
          if (step.type === "press") {
            const id = `c${pressed.length}`;
            pressed.push(id);
            page.add(waiting(id));
          }
          if (step.type === "reload") page = open();
          if (step.type === "two-tabs") await Promise.all([page.flush(), open().flush()]);
          if (step.type === "flush") {
            box.weather.push(...step.weather);
            // Not waited for: the next step may be a reload in the middle of it.
            void page.flush();
          }
        }
        box.weather.length = 0;
        await open().flush();
        await page.flush();
        await open().flush();
        expect(box.done).toEqual(pressed);
        expect(open().content).toEqual({ waiting: [], refused: [] });
      }),
      { numRuns: 300 },
    );
  });

  it("are not overlooked when one is added at the very end of sending", async () => {
    const box = new Box();
    const page = new Outbox({
      storage: openStorage(),
      send: box.send,
      changed: ({ waiting: left }) => {
        if (left.length === 0 && box.done.length === 1) queueMicrotask(() => page.add(waiting("second")));
      },
    });
    page.add(waiting("first"));
    await page.flush();
    await page.flush();
    expect(box.done).toEqual(["first", "second"]);
  });

  it("stay and are shown when the box refuses one, and the next is sent", async () => {
    const storage = openStorage();
    const sent: string[] = [];
    const page = new Outbox({
      storage,
      send: async ({ command }) => {
        sent.push(command.commandId);
        return command.commandId === "a" ? { type: "refused", fault: "conflict" } : { type: "done" };
      },
      changed: () => undefined,
    });
    page.add(waiting("a"));
    page.add(waiting("b"));
    await page.flush();
    expect(sent).toEqual(["a", "b"]);
    expect(page.content.refused.map(({ command, fault }) => [command.commandId, fault])).toEqual([["a", "conflict"]]);
    page.dismiss("a");
    expect(page.content).toEqual({ waiting: [], refused: [] });
  });

  it("start afresh when storage holds something unreadable", () => {
    const storage = openStorage();
    storage.setItem("sitebox.outbox", "{not json");
    const page = new Outbox({ storage, send: async () => ({ type: "done" }), changed: () => undefined });
    expect(page.content).toEqual({ waiting: [], refused: [] });
  });
});
