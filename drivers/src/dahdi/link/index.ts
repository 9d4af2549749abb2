export { type ChannelInfo, type ChannelListener, HelperError, HelperLink, type LinkDeps } from "./helper-link.ts";
export { type HelperProcessOptions, startHelper } from "./helper-process.ts";
export { type HelperPort, replayedHelper, tracedHelper } from "./recorded-helper.ts";
