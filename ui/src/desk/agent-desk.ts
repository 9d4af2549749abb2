import { type BoxPush, BrowserCall, type CallSituation, type HandOff, HandOff as HandOffSchema } from "@sitebox/core/contract";
import { type Ref, shallowRef, watch } from "vue";
import { type BoxClient, codeOf } from "../client/index.ts";
import { recordedScene } from "../connect/index.ts";
import {
  type AgentPhone,
  type AgentPhoneEvent,
  askMicrophone,
  MicrophoneError,
  openLaying,
  openPictureState,
  openRinger,
  openVoice,
  type Pictures,
  stepAgentPhone,
  type Voice,
} from "../softphone/index.ts";
import type { BoxState, Store } from "../stores/index.ts";

export type CallControl =
  | { readonly action: "hold" | "resume" | "hand-over" | "join" | "back" | "park" }
  | { readonly action: "transfer" | "consult"; readonly target: string };

export type TransferProgress = "trying" | "ringing" | "answered" | "busy" | "failed";

/** The agent's softphone as the page sees it. */
export interface AgentDesk {
  readonly phone: Readonly<Ref<AgentPhone>>;
  /** How the call stands; nothing while it simply goes on. */
  readonly situation: Readonly<Ref<CallSituation | undefined>>;
  /** How the transfer that was asked for last is going. */
  readonly transfer: Readonly<Ref<TransferProgress | undefined>>;
  /** Keys pressed in this call. */
  readonly digits: Readonly<Ref<string>>;
  /** What stands between this page and the call's sound, where it could not be laid. */
  readonly soundFault: Readonly<Ref<string | undefined>>;
  readonly pictures: Pictures;
  /** @throws {MicrophoneError} when readiness is wished for and there is no microphone to talk with */
  setReady(ready: boolean): Promise<void>;
  answer(): Promise<void>;
  hangUp(): Promise<void>;
  mute(): void;
  press(digit: string): void;
  /** @throws {ClientError} */
  control(control: CallControl): Promise<void>;
  /** Tries at once to lay the sound of a call that has lost it. */
  restore(): Promise<void>;
  /** Rings `number` for this agent: the box offers the call to this page first, which takes it by itself. @throws {ClientError} */
  call(number: string): Promise<void>;
  dismiss(): void;
}

export interface AgentDeskOptions {
  readonly scene?: string | undefined;
  /** Where readiness is remembered over a reload. */
  readonly memory?: Pick<Storage, "getItem" | "setItem" | "removeItem">;
}

const READY = "sitebox.agent-ready";

export function openAgentDesk(client: BoxClient, store: Store<BoxState>, options: AgentDeskOptions = {}): AgentDesk {
  const { scene = recordedScene(location.search), memory = sessionStorage } = options;
  const phone = shallowRef<AgentPhone>({ state: "away" });
  const situation = shallowRef<CallSituation>();
  const transfer = shallowRef<TransferProgress>();
  const soundFault = shallowRef<string>();
  const digits = shallowRef("");
  const ringer = openRinger();
  let voice: Voice | undefined;
  /** The call that this agent asked for: it is not rung for, but taken. */
  let wanted: string | undefined;
  /** A page asks once for the call that the box kept for it, and then only for its own. */
  let isFresh = true;

  const pictures = openPictureState(() => voice);
  const send = (event: AgentPhoneEvent) => {
    phone.value = stepAgentPhone(phone.value, event);
  };
  const silence = () => {
    pictures.reset();
    voice?.close();
    voice = undefined;
  };
  const lay = async () => {
    if (scene !== undefined) return;
    const microphone = await askMicrophone("person");
    const opened = await openVoice({
      request: client.request.bind(client),
      microphone,
      speaker: new Audio(),
      lost: () => {
        send({ type: "sound-lost" });
        void laying();
      },
    });
    voice?.close();
    voice = opened;
    pictures.laid();
    if (phone.value.state === "talking" && phone.value.muted) opened.mute(true);
  };

  /** Gets this agent's call back from the box and lays its sound, until it stands or there is none. */
  const laying = openLaying(async () => {
    if (client.link !== "online") return true;
    const { value: before } = phone;
    if (before.state !== "talking" && !isFresh) return true;
    const answer = BrowserCall.safeParse(await client.request("agent.resume", {}));
    isFresh = false;
    if (!answer.success) {
      if (before.state === "talking") ended(before.offer.callId, "lost");
      return true;
    }
    const call = answer.data;
    send({ type: "resumed", offer: call.handOff ?? bareOffer(call), sinceAt: call.sinceAt });
    situation.value = call.situation;
    try {
      await lay();
      soundFault.value = undefined;
      if (phone.value.state === "talking") send({ type: "sound-restored" });
      else silence();
    } catch (error) {
      soundFault.value = error instanceof MicrophoneError ? error.fault : "unexpected";
      // Somebody has to allow the microphone first: asking again and again would only annoy.
      return error instanceof MicrophoneError;
    }
    return true;
  });

  const offersChanged = (offers: readonly HandOff[]) => {
    send({ type: "offers-changed", offers });
    const { value } = phone;
    if (value.state === "ringing" && value.offer.callId === wanted) void answer();
  };
  watch(
    () => store.state.value.offers,
    (offers) => offersChanged(offers),
  );
  watch(
    () => phone.value.state,
    (state) => {
      if (state === "ringing") ringer.start();
      else ringer.stop();
      if (state === "ready") offersChanged(store.state.value.offers);
    },
  );
  client.subscribe((event) => {
    if (event.type === "push") pushed(event.push);
    if (event.type !== "link") return;
    if (event.link === "offline") {
      send({ type: "sound-lost" });
      // Offers are told anew to the agent that a new socket is.
      store.change((state) => ({ ...state, offers: [] }));
    }
    if (event.link === "online") void online();
  });
  const isMine = (callId: string) => "offer" in phone.value && phone.value.offer.callId === callId;
  const pushed = (push: BoxPush) => {
    if (push.type === "call-ended") ended(push.callId, push.reason);
    if (push.type === "call" && push.call.state === "ended") ended(push.call.id, "ended");
    if (push.type === "situation" && isMine(push.callId)) situation.value = push.situation;
    if (push.type === "transfer" && isMine(push.callId)) transfer.value = push.progress;
    if (push.type === "video" && isMine(push.callId)) pictures.told(push);
  };
  const ended = (callId: string, reason: string) => {
    send({ type: "call-ended", callId, reason });
    if (phone.value.state === "ended") silence();
  };
  /** A new socket is a new agent to the box: it is told of readiness again, and gets back the call that was kept. */
  const online = async () => {
    if (isFresh && memory.getItem(READY) !== null) send({ type: "ready-set", ready: true });
    if (phone.value.state !== "away") await client.request("agent.ready", { ready: true }).catch(() => undefined);
    if (scene === undefined) await laying();
    else send({ type: "sound-restored" });
    if (phone.value.state === "talking" && memory.getItem(READY) !== null)
      await client.request("agent.ready", { ready: true }).catch(() => undefined);
  };
  const begin = () => {
    situation.value = undefined;
    transfer.value = undefined;
    soundFault.value = undefined;
    digits.value = "";
  };

  async function answer(): Promise<void> {
    begin();
    send({ type: "answer-pressed" });
    const { value } = phone;
    if (value.state !== "answering") return;
    try {
      await lay();
      await client.request("agent.answer", { callId: value.offer.callId });
      send({ type: "answered", at: Date.now() });
    } catch (error) {
      silence();
      send({ type: "answer-failed", reason: error instanceof MicrophoneError ? error.fault : codeOf(error) });
    } finally {
      wanted = undefined;
      store.change((state) => ({ ...state, offers: state.offers.filter(({ callId }) => callId !== value.offer.callId) }));
    }
  }

  async function setReady(ready: boolean): Promise<void> {
    if (ready && scene === undefined) {
      // Asked now rather than while a caller waits.
      const microphone = await askMicrophone("person");
      for (const track of microphone.getTracks()) track.stop();
    }
    send({ type: "ready-set", ready });
    if (ready) memory.setItem(READY, "1");
    else memory.removeItem(READY);
    if (client.link === "online") await client.request("agent.ready", { ready });
  }

  return {
    phone,
    situation,
    transfer,
    digits,
    soundFault,
    pictures,
    setReady,
    answer,
    async hangUp() {
      const { value } = phone;
      if (value.state !== "talking" && value.state !== "answering") return;
      ended(value.offer.callId, "hung-up");
      await client.request("agent.hangup", { callId: value.offer.callId }).catch(() => undefined);
    },
    mute() {
      send({ type: "mute-pressed" });
      voice?.mute(phone.value.state === "talking" && phone.value.muted);
    },
    press(digit) {
      digits.value += digit;
      client.request("agent.digits", { digits: digit }).catch(() => undefined);
    },
    async control(control) {
      transfer.value = control.action === "transfer" ? "trying" : undefined;
      await client.request("agent.control", control);
    },
    restore: laying,
    async call(number) {
      if (phone.value.state === "away") await setReady(true);
      const { callId } = await client.call("placeCall", { body: { from: "me", to: number } });
      wanted = callId;
      offersChanged(store.state.value.offers);
    },
    dismiss: () => send({ type: "dismissed" }),
  };
}

/** A call that nobody offered: the agent began it, or the offer was lost with the page. */
const bareOffer = ({ callId, situation }: BrowserCall): HandOff =>
  HandOffSchema.parse({ callId, callerNumber: situation?.parties[0] ?? "", reason: "asked", summary: "", moments: [] });
