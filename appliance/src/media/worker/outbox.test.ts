import { expect, test } from "vitest";
import { Outbox } from "./outbox.ts";

test("while the other side does not read, sound is dropped and what changes state is not", () => {
  const sent: string[] = [];
  const taken: (() => void)[] = [];
  const outbox = new Outbox<string>((message, done) => {
    sent.push(message);
    taken.push(done);
  });
  for (let n = 0; n < 600; n++) outbox.offer("sound");
  outbox.send("state");
  expect(sent.length).toBe(501);
  expect(sent.at(-1)).toBe("state");
  expect(outbox.dropped).toBe(100);
  for (const done of taken.splice(0)) done();
  outbox.offer("sound again");
  expect(sent.at(-1)).toBe("sound again");
});
