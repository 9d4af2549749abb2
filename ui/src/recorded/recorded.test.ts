import { boxApi, headquartersApi } from "@sitebox/core/contract";
import { describe, expect, it } from "vitest";
import type { Route } from "../client/index.ts";
import { recordedBox, recordedHeadquarters } from "./index.ts";

const isRead = (route: Route) => route.method === "GET";

describe("the recorded box", () => {
  it("answers every question as the contract has it", async () => {
    for (const path of ["/desk/", "/field/"]) {
      const client = recordedBox("", path);
      for (const [name, route] of Object.entries(boxApi)) {
        if (!isRead(route)) continue;
        const params = { id: name === "call" ? "c-31" : "t-10017" };
        const answer = await client.call(name as "ticket", { params });
        expect(route.answer.safeParse(answer).error, name).toBeUndefined();
      }
    }
  });

  it("does what a ticket is told, and pushes it", async () => {
    const client = recordedBox("", "/field/");
    const pushed: string[] = [];
    client.subscribe((event) => {
      if (event.type === "push" && event.push.type === "ticket") pushed.push(event.push.ticket.state);
    });
    for (const action of ["accept", "start", "finish"] as const)
      await client.call("commandTicket", { params: { id: "t-10017" }, body: { action, commandId: action } });
    expect(pushed).toEqual(["accepted", "in-progress", "done"]);
    expect((await client.call("ticket", { params: { id: "t-10017" } })).history.map(({ type }) => type)).toEqual([
      "opened",
      "assigned",
      "accepted",
      "started",
      "finished",
    ]);
  });
});

describe("the recorded box's lines", () => {
  it("grow by a found modem, which is found no more, and shrink by a removed one", async () => {
    const client = recordedBox("", "/desk/");
    const pushed: string[] = [];
    client.subscribe((event) => {
      if (event.type === "push") pushed.push(event.push.type);
    });
    const [device] = await client.call("foundDevices", {});
    const sim = { number: "13900009999", owner: "o", purpose: "p" };
    await client.call("addLine", { body: { kind: "gsm", name: "gsm-9", imei: device?.imei, sim } });
    expect(pushed).toEqual(["found-devices", "line"]);
    expect((await client.call("foundDevices", {})).map(({ imei }) => imei)).not.toContain(device?.imei);
    expect((await client.call("lines", {})).map(({ name }) => name)).toContain("gsm-9");
    await expect(client.call("addLine", { body: { kind: "gsm", name: "gsm-9", sim } })).rejects.toMatchObject({
      fault: "name-taken",
      issues: [{ path: "name" }],
    });
    await client.call("removeLine", { params: { name: "gsm-9" } });
    expect((await client.call("lines", {})).map(({ name }) => name)).not.toContain("gsm-9");
  });

  it("say why they are off when they are switched off, and nothing of it when on again", async () => {
    const client = recordedBox("", "/desk/");
    const params = { name: "gsm-front" };
    const off = await client.call("switchLine", { params, body: { on: false } });
    expect(off).toMatchObject({ state: "down", fault: "switched-off" });
    expect(await client.call("switchLine", { params, body: { on: true } })).not.toHaveProperty("fault");
  });
});

describe("the recorded box's bans", () => {
  it("are lifted one by one, and only once", async () => {
    const client = recordedBox("", "/desk/");
    const [first, second] = await client.call("bans", {});
    await client.call("unban", { params: { address: first?.address ?? "" } });
    expect(await client.call("bans", {})).toEqual([second]);
    const again = client.call("unban", { params: { address: first?.address ?? "" } });
    await expect(again).rejects.toMatchObject({ fault: "not-found" });
  });

  it("are none in the empty scene", async () => {
    expect(await recordedBox("empty", "/desk/").call("bans", {})).toEqual([]);
  });
});

describe("the recorded headquarters", () => {
  it("answers every question as the contract has it", async () => {
    const client = recordedHeadquarters("");
    const [ticket] = await client.call("listTickets", {});
    for (const [name, route] of Object.entries(headquartersApi)) {
      if (!isRead(route)) continue;
      const answer = await client.call(name as "ticket", { params: { box: ticket?.box ?? "", id: ticket?.id ?? "" } });
      expect(route.answer.safeParse(answer).error, name).toBeUndefined();
    }
  });

  it("takes a claimed box into the fleet", async () => {
    const client = recordedHeadquarters("");
    await client.call("acceptClaim", { body: { code: "k7wm3rqa" } });
    expect((await client.call("listBoxes", {})).map(({ box }) => box)).toContain("hz-lingyin-1");
    expect(await client.call("listClaims", {})).toEqual([]);
    await expect(client.call("acceptClaim", { body: { code: "NOPE2345" } })).rejects.toMatchObject({ fault: "not-found" });
  });
});
