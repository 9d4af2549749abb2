export { type AgentPhone, type AgentPhoneEvent, stepAgentPhone } from "./agent-machine.ts";
export { openLaying } from "./laying.ts";
export { askCamera, askMicrophone, MicrophoneError, type MicrophoneFault } from "./microphone.ts";
export { openPictureState, type Pictures, type PicturesState } from "./pictures.ts";
export { openRinger, type Ringer } from "./ringer.ts";
export { isUnderWay, stepVisitorCall, type VisitorCall, type VisitorEvent, type VisitorFault } from "./visitor-machine.ts";
export { openVoice, type Request, type Voice, type VoiceDeps } from "./voice.ts";
