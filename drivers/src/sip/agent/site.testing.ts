import { silentLog, systemClock } from "@sitebox/core/kernel";
import { VirtualClock } from "@sitebox/core/testing";
import type { Leg, RtpPort, Trunk } from "../../line/index.ts";
import { parseCredentials, type SipResponse } from "../parser/index.ts";
import { digestResponse } from "../registrar/index.ts";
import { plainRtpPorts, WirePeer } from "../testing/index.ts";
import { openSipEndpoint, type SipConfigInput, type SipDeps, type SipEndpoint } from "./index.ts";

export interface Site extends AsyncDisposable {
  readonly box: SipEndpoint;
  readonly phone: WirePeer;
  readonly clock: VirtualClock;
  readonly ports: RtpPort[];
}

/** A box whose time the test moves, and a phone; both on real sockets. */
export async function openSite(config: SipConfigInput = {}, deps: Partial<SipDeps> = {}): Promise<Site> {
  const clock = new VirtualClock();
  const plain = plainRtpPorts(systemClock);
  const ports: RtpPort[] = [];
  const rtp = {
    async open(address: string) {
      const port = await plain.open(address);
      ports.push(port);
      return port;
    },
  };
  const box = await openSipEndpoint(
    { listen: { host: "127.0.0.1", port: 0 }, ...config },
    { clock, log: silentLog, rtp, ...deps },
  );
  const phone = await WirePeer.open(box.address.udpPort);
  return {
    box,
    phone,
    clock,
    ports,
    async [Symbol.asyncDispose]() {
      const closing = box[Symbol.asyncDispose]();
      for (let step = 0; step < 20; step++) await clock.advance(100);
      await closing;
      await phone[Symbol.asyncDispose]();
    },
  };
}

/** The next call that comes in. */
export async function next(trunk: Trunk): Promise<Leg> {
  for await (const leg of trunk.incoming) return leg;
  throw new Error("closed without a call");
}

export interface Answering {
  readonly method?: string;
  readonly username?: string;
  readonly password?: string;
  readonly algorithm?: "MD5" | "SHA-256";
  readonly count?: string;
}

/** The Authorization that answers a challenge. */
export function answerTo(challenge: SipResponse, answering: Answering = {}): string {
  const { method = "REGISTER", username = "8001", password = "secret", algorithm = "MD5", count = "00000001" } = answering;
  const offers = challenge.headers.filter(([name]) => name === "www-authenticate").map(([, value]) => parseCredentials(value));
  const params = offers.find((found) => found?.params.get("algorithm") === algorithm)?.params;
  const [realm, nonce] = [params?.get("realm") ?? "", params?.get("nonce") ?? ""];
  const response = digestResponse({
    algorithm,
    username,
    realm,
    password,
    method,
    uri: "sip:box",
    nonce,
    qop: { count, cnonce: "c" },
  });
  const parts = [`username="${username}"`, `realm="${realm}"`, `nonce="${nonce}"`, `uri="sip:box"`, `response="${response}"`];
  return `Authorization: Digest ${[...parts, `algorithm=${algorithm}`, `qop=auth, nc=${count}, cnonce="c"`].join(", ")}`;
}
