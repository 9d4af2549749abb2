export type MicrophoneFault = "insecure" | "denied" | "missing";

export class MicrophoneError extends Error {
  override name = "MicrophoneError";
  readonly fault: MicrophoneFault;
  constructor(fault: MicrophoneFault, options?: ErrorOptions) {
    super(`no microphone: ${fault}`, options);
    this.fault = fault;
  }
}

/**
 * Asks for the microphone, with the browser's echo cancellation and without its gain control; noise is suppressed for people, not for a recogniser.
 * @throws {MicrophoneError} `insecure`: browsers give no microphone to pages over plain HTTP; `denied`: by the person; `missing`: there is none
 */
export async function askMicrophone(
  listener: "person" | "recogniser",
  devices: MediaDevices | undefined = navigator.mediaDevices,
): Promise<MediaStream> {
  if (!devices) throw new MicrophoneError("insecure");
  try {
    // A gain that rises and falls within a word is what a recogniser of telephone speech stumbles over; people hear what is softer, too.
    // Chromium's noise suppression eats the edges of syllables: a zero became a one in every other call, and the phrase's confidence fell from 0.96 to 0.78.
    const noiseSuppression = listener === "person";
    return await devices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression, autoGainControl: false } });
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : "";
    throw new MicrophoneError(name === "NotAllowedError" || name === "SecurityError" ? "denied" : "missing", { cause });
  }
}

/** Asks for the camera; on a telephone the one at its back, which looks at what is broken. @throws {MicrophoneError} as the microphone does */
export async function askCamera(devices: MediaDevices | undefined = navigator.mediaDevices): Promise<MediaStream> {
  if (!devices) throw new MicrophoneError("insecure");
  try {
    return await devices.getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: "environment" } });
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : "";
    throw new MicrophoneError(name === "NotAllowedError" || name === "SecurityError" ? "denied" : "missing", { cause });
  }
}
