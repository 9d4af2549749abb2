/**
 * A GSM modem without hardware: it speaks AT on a real pseudo-terminal and has another one for sound.
 *
 *     const network = new ScriptedNetwork();
 *     await using modem = await openScriptedModem({ folder, network, identity: { number: "13900000001" } });
 *     openGsmLine({ atPort: modem.atPath, audioPort: modem.audioPath, … }, deps);
 *
 * Teach it more: a plug-in is a function that is given each modem when it is made, `(modem) => modem.handle("+CUSD=", …)`, with one line in
 * plugins.ts. A handler gets `{ text, rest, prompt() }` and answers `{ lines?, final? }`, "OK" where no final is stated, or "silent".
 * `modem.say(line)` says a line by itself; `modem.network?.find(number)` is the modem with another number (`reachable` or not), whose
 * plug-in state hangs on a WeakMap by modem; `modem.onReset(…)` hears of unplugs and reboots; `modem.onAudio(…)` and
 * `modem.writeAudio(…)` are its sound; `modem.settings` is what was set, e.g. "+CLIP" → "1"; `modem.clock` and `modem.random()` its time and luck.
 *
 * Texts: `scriptedTextsOf(modem)` is its memories (`put`, `kept`, `capacity`), what +CMGS is answered (`answers.push("+CMS ERROR: 38")`) and
 * what it forgets to tell (`mute`). `centreOf(network)` is the text centre: `send(from, to, text)`, `telephone(number)` is an iterable of what
 * a number that is no modem gets, `refused`, `lost`, `services.set("10086", (text) => "您的余额为12.30元")`. Service codes:
 * `scriptedUssdOf(modem).answers.set("*100#", { text: "…" })`.
 *
 * Trouble: `modem.misbehave({ splitLines, garbage, interrupts, late, slowMs, echoStays })`, `modem.hang()` and `wake()`, `modem.reboot()`,
 * `modem.unplug()` and `plug()` (the terminals really go and come), `modem.radio.sim`, `modem.register(0…5)`.
 *
 * Calls: two modems of one network can call each other; `new ScriptedPhone({ network, number, … })` is a telephone that the test speaks by.
 * `callsOf(modem).misbehaviour = { lostCodes, noList, noVts, keys, clipFromRing, sound: { burstMs, oddSplits, stall } }` is trouble with them.
 *
 * USB: `ScriptedUsb.open(folder)` is a tree like /sys and /dev; a modem with `usb: { bus, path: "1-1.4", swapPorts? }` shows itself there
 * under other tty names after each unplug, and obeys `authorized`.
 */
export { openScriptedModem } from "./open.ts";
export { standardPlugins } from "./plugins.ts";
export { seeded } from "./random.ts";
export { type CallMisbehaviour, callsOf, type ScriptedCalls } from "./scripted-calls.ts";
export {
  type Misbehaviour,
  type ScriptedCommand,
  type ScriptedHandler,
  type ScriptedIdentity,
  ScriptedModem,
  type ScriptedModemOptions,
  type ScriptedPlugin,
  type ScriptedPortRole,
  type ScriptedRadio,
  type ScriptedReply,
} from "./scripted-modem.ts";
export { ScriptedNetwork } from "./scripted-network.ts";
export { ScriptedPhone } from "./scripted-phone.ts";
export { ScriptedPty } from "./scripted-pty.ts";
export type { SoundMisbehaviour } from "./scripted-sound.ts";
export { centreOf, type ScriptedSending, ScriptedTextCentre } from "./scripted-text-centre.ts";
export { ScriptedTexts, scriptedTexts, scriptedTextsOf } from "./scripted-texts.ts";
export { type ScriptedDevice, ScriptedUsb } from "./scripted-usb.ts";
export { ScriptedUssd, type ScriptedUssdAnswer, scriptedUssd, scriptedUssdOf } from "./scripted-ussd.ts";
export { ModemTextRig, OWN_NUMBER } from "./text-rig.ts";
