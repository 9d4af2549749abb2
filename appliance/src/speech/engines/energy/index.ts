export { EnergyVoice } from "./energy-voice.ts";
