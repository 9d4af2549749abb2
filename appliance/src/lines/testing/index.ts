export { FakeKind, FakeLine, type SentText } from "./fake-line.ts";
export { type LinesSite, modem, NOON, openLinesSite } from "./site.ts";
