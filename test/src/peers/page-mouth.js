// Runs in a page of the product before its own scripts: its microphone says what a test tells it to, when it tells it to.
let mouth;

navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  mouth = { context, out };
  return out.stream;
};

/** Says a wav file. Resolves when it has begun; what was being said is broken off. */
globalThis.say = async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const source = mouth.context.createBufferSource();
  source.buffer = await mouth.context.decodeAudioData(bytes.buffer);
  source.connect(mouth.out);
  mouth.speaking?.stop();
  mouth.speaking = source;
  source.start();
};
