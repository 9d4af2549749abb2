export { formatSdp, parseSdp, type SessionDescription } from "./description.ts";
export { answerOffer, buildOffer, type LocalMedia, type Negotiation, readAnswer } from "./negotiate.ts";
