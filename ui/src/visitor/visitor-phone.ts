import { type BoxPush, BrowserCall } from "@sitebox/core/contract";
import { type Ref, shallowRef } from "vue";
import { type BoxClient, faultOf } from "../client/index.ts";
import { recordedScene } from "../connect/index.ts";
import {
  askMicrophone,
  MicrophoneError,
  openLaying,
  openPictureState,
  openVoice,
  type Pictures,
  stepVisitorCall,
  type VisitorCall,
  type VisitorEvent,
  type VisitorFault,
  type Voice,
} from "../softphone/index.ts";

export interface VisitorPhone {
  readonly call: Readonly<Ref<VisitorCall>>;
  /** The site's name, once the box has told it. */
  readonly site: Readonly<Ref<string | undefined>>;
  /** The number to dial where the box cannot be reached, from the address that the visitor's QR code holds (`?tel=`). */
  readonly telephone: string | undefined;
  /** Keys pressed in this call. */
  readonly digits: Readonly<Ref<string>>;
  readonly pictures: Pictures;
  start(): void;
  hangUp(): void;
  press(digit: string): void;
  mute(): void;
  dismiss(): void;
}

const TELEPHONE = "sitebox.telephone";
/** The call that the box keeps for this page over a reload; other tabs have their own. */
const CALL = "sitebox.call";
const CONNECT_WITHIN_MS = 6_000;

export function openVisitorPhone(client: BoxClient, scene = recordedScene(location.search)): VisitorPhone {
  const call = shallowRef<VisitorCall>({ state: "idle" });
  const site = shallowRef<string>();
  const digits = shallowRef("");
  let voice: Voice | undefined;
  /** Grows with each call: what belongs to an earlier one is ignored. */
  let current = 0;

  const send = (event: VisitorEvent) => {
    call.value = stepVisitorCall(call.value, event);
  };
  const pictures = openPictureState(() => voice);
  const silence = () => {
    pictures.reset();
    voice?.close();
    voice = undefined;
  };
  const forget = () => sessionStorage.removeItem(CALL);
  const fail = (fault: VisitorFault) => {
    send({ type: "failed", fault });
    silence();
    forget();
  };
  const ended = () => {
    send({ type: "hung-up", at: Date.now() });
    silence();
    forget();
  };
  const lay = async (microphone: MediaStream, attempt: number) => {
    const opened = await openVoice({
      request: client.request.bind(client),
      microphone,
      speaker: new Audio(),
      lost: () => {
        if (attempt !== current) return;
        send({ type: "sound-lost" });
        void laying();
      },
    });
    if (attempt !== current) return opened.close();
    voice?.close();
    voice = opened;
    pictures.laid();
    if (call.value.state === "connected" && call.value.muted) opened.mute(true);
  };
  /** Gets the call back that the box has kept, and lays its sound, until it stands or there is none. */
  const laying = openLaying(async () => {
    const token = sessionStorage.getItem(CALL);
    if (token === null || client.link !== "online") return true;
    const kept = BrowserCall.safeParse(await client.request("visitor.resume", { token }));
    if (!kept.success) {
      ended();
      return true;
    }
    const attempt = current;
    send({ type: "resumed", callId: kept.data.callId, sinceAt: kept.data.sinceAt });
    try {
      await lay(await askMicrophone("recogniser"), attempt);
    } catch (error) {
      if (!(error instanceof MicrophoneError)) throw error;
      fail(error.fault);
      client.request("visitor.hangup", {}).catch(() => undefined);
      return true;
    }
    if (call.value.state === "connected") send({ type: "sound-restored" });
    else silence();
    return true;
  });

  const place = async (attempt: number) => {
    const microphone = scene === undefined ? await askMicrophone("recogniser") : undefined;
    if (attempt !== current) return microphone?.getTracks().forEach((track) => void track.stop());
    send({ type: "microphone-given" });
    await connected(client);
    if (microphone) await lay(microphone, attempt);
    if (attempt !== current) return;
    const { callId, token } = (await client.request("visitor.call", {})) as BrowserCall;
    if (attempt !== current) return;
    if (token !== undefined) sessionStorage.setItem(CALL, token);
    send({ type: "placed", callId });
    // The box answers each call at once, and sound stands both ways by now.
    if (scene === undefined) send({ type: "answered", callId, at: Date.now() });
    else if (scene !== "ringing") answeredAfter(attempt, callId, 1_500);
  };
  /** A recorded box has no call to push. */
  const answeredAfter = (attempt: number, callId: string, ms: number) => {
    setTimeout(() => {
      if (attempt === current) send({ type: "answered", callId, at: Date.now() });
    }, ms);
  };

  client.subscribe((event) => {
    if (event.type === "push") pushed(event.push);
    if (event.type !== "link") return;
    if (event.link === "offline" && call.value.state === "ringing") fail("box-offline");
    // The call goes on at the box for a while; the page comes back to it.
    if (event.link === "offline") send({ type: "sound-lost" });
    if (event.link === "online") void laying();
  });
  const pushed = (push: BoxPush) => {
    if (push.type === "call-ended") ended();
    if (push.type === "video") pictures.told(push);
    if (push.type !== "call") return;
    if (push.call.state === "ended") ended();
    else if (push.call.state !== "ringing") send({ type: "answered", callId: push.call.id, at: Date.now() });
  };

  client
    .call("health", {})
    .then((health) => {
      site.value = health.site;
    })
    .catch((error: unknown) => {
      if (faultOf(error) === "offline") call.value = { state: "failed", fault: "box-offline" };
    });
  if (scene === "offline") call.value = { state: "failed", fault: "box-offline" };
  if (scene === "denied" || scene === "insecure") call.value = { state: "failed", fault: scene };
  client.open();

  return {
    call,
    site,
    telephone: telephoneOf(new URLSearchParams(location.search), localStorage),
    digits,
    pictures,
    start() {
      const attempt = ++current;
      digits.value = "";
      send({ type: "call-pressed" });
      place(attempt).catch((error: unknown) => {
        if (attempt === current) fail(visitorFault(error));
      });
    },
    hangUp() {
      current++;
      // The call is over for the visitor at once; a box that cannot be told notices that the sound stops.
      client.request("visitor.hangup", {}).catch(() => undefined);
      ended();
    },
    press(digit) {
      digits.value += digit;
      client.request("visitor.digits", { digits: digit }).catch(() => undefined);
    },
    mute() {
      send({ type: "mute-pressed" });
      voice?.mute(call.value.state === "connected" && call.value.muted);
    },
    dismiss: () => send({ type: "dismissed" }),
  };
}

/** Resolves when the socket is open. @throws what a request over a closed one throws, after 6 s */
async function connected(client: BoxClient): Promise<void> {
  if (client.link === "online") return;
  client.open();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(finish, CONNECT_WITHIN_MS);
    const stop = client.subscribe((event) => {
      if (event.type === "link" && event.link === "online") finish();
    });
    function finish() {
      clearTimeout(timer);
      stop();
      resolve();
    }
  });
}

function visitorFault(error: unknown): VisitorFault {
  if (error instanceof MicrophoneError) return error.fault;
  return faultOf(error) === "offline" ? "box-offline" : "failed";
}

/** Kept for the day the box is away: then the page is all there is. */
function telephoneOf(query: URLSearchParams, storage: Pick<Storage, "getItem" | "setItem">): string | undefined {
  const told = query.get("tel")?.replace(/[^\d+-]/g, "");
  if (told) storage.setItem(TELEPHONE, told);
  return told || storage.getItem(TELEPHONE) || undefined;
}
