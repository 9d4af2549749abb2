import type { PortReport } from "../management.ts";
import { operatorName, radioOf } from "../radio.ts";
import type { GoipAddress } from "./datagrams.ts";

/** Keep-alives come every 30 s: three that are missing are too many. */
const ALIVE_MS = 90_000;

/** One channel of a GoIP, which reports by itself under an id of its own. */
export class GoipPort {
  readonly port: number;
  readonly id: string;
  /** Where it was heard from last; it has another UDP port than its neighbours. */
  address: GoipAddress | undefined;
  #report: PortReport;
  #seenAt: number | undefined;
  #refused = false;

  constructor(port: number, id: string) {
    this.port = port;
    this.id = id;
    this.#report = { port, state: "down", fault: "searching" };
  }

  /** Takes a keep-alive. `now`: monotonic, ms. */
  alive(fields: ReadonlyMap<string, string>, address: GoipAddress, now: number): void {
    this.address = address;
    this.#seenAt = now;
    this.#refused = false;
    this.#report = reportOf(this.port, fields);
  }

  /** It was heard with a wrong password: by somebody else, unless it is not heard with the right one either. */
  refuse(): void {
    this.#refused = true;
  }

  /** News of a call that began or ended. */
  say(state: string): void {
    if (this.#report.state !== "down") this.#report = { ...this.#report, state: isIdle(state) ? "idle" : "busy" };
  }

  /** "silent": nothing has been heard for too long. */
  at(now: number): PortReport | "silent" | "refused" {
    if (this.#seenAt !== undefined && now - this.#seenAt < ALIVE_MS) return this.#report;
    return this.#refused ? "refused" : "silent";
  }
}

const isIdle = (state: string) => ["", "IDLE", "0"].includes(state.trim().toUpperCase());

function reportOf(port: number, fields: ReadonlyMap<string, string>): PortReport {
  const value = (name: string) => fields.get(name)?.trim() || undefined;
  const registered = value("gsm_status")?.toUpperCase() === "LOGIN";
  const [number, iccid, imsi] = [value("num"), value("iccid"), value("imsi")];
  const operator = value("pro") ?? operatorName(imsi ?? "");
  const radio = radioOf(Number(value("signal") ?? Number.NaN), operator === undefined ? {} : { operator });
  const off = value("disable_status") === "1";
  const noSim = !registered && iccid === undefined && imsi === undefined;
  const fault = off ? "switched-off" : registered ? undefined : noSim ? "no-sim" : "searching";
  return {
    port,
    state: fault ? "down" : isIdle(value("voip_state") ?? "") ? "idle" : "busy",
    ...(fault && { fault, reason: value("gsm_status") ?? "it does not tell whether it is registered" }),
    ...(number !== undefined && { number }),
    ...(iccid !== undefined && { iccid }),
    ...(imsi !== undefined && { imsi }),
    ...(radio && { radio }),
  };
}
