import { type Ref, shallowRef, watch } from "vue";
import { type BoxClient, faultOf } from "../client/index.ts";
import { recordedScene } from "../connect/index.ts";
import {
  type AgentPhone,
  type AgentPhoneEvent,
  askMicrophone,
  MicrophoneError,
  openRinger,
  openVoice,
  stepAgentPhone,
  type Voice,
} from "../softphone/index.ts";
import type { BoxState, Store } from "../stores/index.ts";

/** The agent's softphone as the page sees it. */
export interface AgentDesk {
  readonly phone: Readonly<Ref<AgentPhone>>;
  /** @throws {MicrophoneError} when readiness is wished for and there is no microphone to talk with */
  setReady(ready: boolean): Promise<void>;
  answer(): Promise<void>;
  hangUp(): Promise<void>;
  mute(): void;
  dismiss(): void;
}

export function openAgentDesk(client: BoxClient, store: Store<BoxState>, scene = recordedScene(location.search)): AgentDesk {
  const phone = shallowRef<AgentPhone>({ state: "away" });
  const ringer = openRinger();
  let voice: Voice | undefined;

  const send = (event: AgentPhoneEvent) => {
    phone.value = stepAgentPhone(phone.value, event);
  };
  const silence = () => {
    voice?.close();
    voice = undefined;
  };
  const talk = async (callId: string) => {
    if (scene === undefined) {
      const microphone = await askMicrophone();
      const opened = await openVoice({
        request: client.request.bind(client),
        microphone,
        speaker: new Audio(),
        lost: () => send({ type: "sound-lost" }),
      });
      silence();
      voice = opened;
    }
    await client.request("agent.answer", { callId });
  };

  watch(
    () => store.state.value.offers,
    (offers) => send({ type: "offers-changed", offers }),
  );
  watch(
    () => phone.value.state,
    (state) => {
      if (state === "ringing") ringer.start();
      else ringer.stop();
      if (state === "ready") send({ type: "offers-changed", offers: store.state.value.offers });
    },
  );
  client.subscribe((event) => {
    if (event.type === "push" && event.push.type === "call-ended") ended(event.push.callId, event.push.reason);
    if (event.type === "push" && event.push.type === "call" && event.push.call.state === "ended")
      ended(event.push.call.id, "ended");
    if (event.type !== "link") return;
    if (event.link === "offline") {
      send({ type: "sound-lost" });
      // Offers are told anew to the agent that a new socket is.
      store.change((state) => ({ ...state, offers: [] }));
    }
    if (event.link === "online") void resume();
  });
  const ended = (callId: string, reason: string) => {
    send({ type: "call-ended", callId, reason });
    if (phone.value.state === "ended") silence();
  };
  /** A new socket is a new agent to the box: it is told of readiness again, and the call's sound is laid anew. */
  const resume = async () => {
    const { value } = phone;
    if (value.state !== "away") await client.request("agent.ready", { ready: true }).catch(() => undefined);
    if (value.state !== "talking") return;
    try {
      if (value.weak) await talk(value.offer.callId);
      send({ type: "sound-restored" });
    } catch {
      ended(value.offer.callId, "lost");
    }
  };

  return {
    phone,
    async setReady(ready) {
      if (ready && scene === undefined) {
        // Asked now rather than while a caller waits.
        const microphone = await askMicrophone();
        for (const track of microphone.getTracks()) track.stop();
      }
      send({ type: "ready-set", ready });
      if (client.link === "online") await client.request("agent.ready", { ready });
    },
    async answer() {
      send({ type: "answer-pressed" });
      const { value } = phone;
      if (value.state !== "answering") return;
      try {
        await talk(value.offer.callId);
        send({ type: "answered", at: Date.now() });
      } catch (error) {
        silence();
        send({ type: "answer-failed", reason: error instanceof MicrophoneError ? error.fault : faultOf(error) });
      } finally {
        store.change((state) => ({ ...state, offers: state.offers.filter(({ callId }) => callId !== value.offer.callId) }));
      }
    },
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
    dismiss: () => send({ type: "dismissed" }),
  };
}
