import type { BoxPush, ExtensionState } from "@sitebox/core/contract";
import { VirtualClock } from "@sitebox/core/testing";
import { expect, test } from "vitest";
import { watchExtensions } from "./extensions.ts";

const telephone = (number: string, registered = true): ExtensionState => ({
  ...{ number, displayName: number, registered, contacts: [], doNotDisturb: false },
});

test("pages are told of extensions that change, come and go, and of no others", async () => {
  const clock = new VirtualClock();
  const pushed: BoxPush[] = [];
  const closing = new AbortController();
  let extensions = [telephone("8001"), telephone("8002")];
  const watching = watchExtensions(
    () => extensions,
    (push) => pushed.push(push),
    clock,
    closing.signal,
  );
  const look = async () => {
    await clock.advance(2_000);
    return pushed.splice(0);
  };
  expect(await look()).toEqual([]);
  extensions = [telephone("8001", false), telephone("8002"), telephone("6001")];
  expect(await look()).toEqual([
    { type: "extension", extension: telephone("8001", false) },
    { type: "extension", extension: telephone("6001") },
  ]);
  extensions = [telephone("8002")];
  expect(await look()).toEqual([
    { type: "extension-removed", number: "8001" },
    { type: "extension-removed", number: "6001" },
  ]);
  expect(await look()).toEqual([]);
  closing.abort();
  await expect(watching).rejects.toThrow();
});
