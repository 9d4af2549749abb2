export { Baresip, type BaresipOptions, type TelephoneAccount } from "./baresip.ts";
export { Browser, type BrowserOptions, logIn } from "./browser.ts";
export { giveEar, pageHears, pageSees } from "./browser-ear.ts";
export { giveMouth, type Mouth } from "./browser-mouth.ts";
export { Linphone, type LinphoneCallState, type LinphoneOptions } from "./linphone.ts";
export { Mobile } from "./mobile.ts";
export { type SippOptions, sipp } from "./sipp.ts";
export { Ear, hasTone, readChannels, toneFile } from "./sound.ts";
