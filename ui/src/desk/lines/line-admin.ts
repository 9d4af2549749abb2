import type { ConfiguredLine, LineConfigInput } from "@sitebox/core/contract";
import { type Ref, shallowRef } from "vue";
import { ClientError, type Refused, refusedOf } from "../../client/index.ts";
import { applyBoxPush } from "../../stores/index.ts";
import type { Desk } from "../desk.ts";

export interface LineConfigs {
  /** By their lines' names; nothing before they are read, and for those who may not. */
  readonly configs: Readonly<Ref<ReadonlyMap<string, ConfiguredLine> | undefined>>;
  readonly failed: Readonly<Ref<boolean>>;
  load(): Promise<void>;
}

/** How the lines are configured, for those who may see it. */
export function useLineConfigs(desk: Desk, isAdmin: boolean): LineConfigs {
  const configs = shallowRef<ReadonlyMap<string, ConfiguredLine>>();
  const failed = shallowRef(false);
  return {
    configs,
    failed,
    async load() {
      if (!isAdmin) return;
      try {
        const list = await desk.client.call("lineConfigs", {});
        configs.value = new Map(list.map((one) => [one.name, one]));
        failed.value = false;
      } catch {
        failed.value = true;
      }
    },
  };
}

/** Adds a line, or changes the one called `name`. Resolves to what stood in the way. */
export async function saveLine(desk: Desk, value: unknown, name?: string): Promise<Refused | undefined> {
  // The form's value fits the contract's schema, secrets that stay as they are apart.
  const body = value as LineConfigInput;
  try {
    await (name === undefined
      ? desk.client.call("addLine", { body })
      : desk.client.call("changeLine", { params: { name }, body }));
    return undefined;
  } catch (error) {
    return refusedOf(error);
  }
}

/** @throws {ClientError} */
export async function switchLine(desk: Desk, name: string, on: boolean): Promise<void> {
  const line = await desk.client.call("switchLine", { params: { name }, body: { on } });
  desk.store.change((state) => applyBoxPush(state, { type: "line", line }));
}

/** @throws {ClientError} */
export async function removeLine(desk: Desk, name: string): Promise<void> {
  await desk.client.call("removeLine", { params: { name } });
  desk.store.change((state) => applyBoxPush(state, { type: "line-removed", name }));
}

/** Saves what a line's driver and its device said to each other. Resolves to whether there was anything. @throws {ClientError} */
export async function saveTraffic(desk: Desk, name: string): Promise<boolean> {
  const url = desk.client.fileUrl(`/api/lines/${encodeURIComponent(name)}/transcript`);
  const response = await fetch(url).catch((cause: unknown) => {
    throw new ClientError("offline", "the server was not reached", { cause });
  });
  if (response.status === 404) return false;
  if (!response.ok) throw new ClientError("unexpected", `the server answered ${response.status}`, { status: response.status });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = `line-${name}.jsonl`;
  link.click();
  URL.revokeObjectURL(link.href);
  return true;
}
