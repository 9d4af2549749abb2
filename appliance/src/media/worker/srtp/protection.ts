import type { RtpRemote, SrtpKey } from "@sitebox/drivers/line";
import { SrtpReceiver, type Unprotected } from "./srtp-receiver.ts";
import { SrtpSender } from "./srtp-sender.ts";

const isSame = (a: SrtpKey | undefined, b: SrtpKey | undefined) =>
  a?.suite === b?.suite && Buffer.from(a?.masterKeyAndSalt ?? []).equals(b?.masterKeyAndSalt ?? new Uint8Array());

/** The encryption of one session, both ways: none, or the keys that were agreed last. What is not made with the key is dropped and counted. */
export class Protection {
  #keys: RtpRemote["srtp"];
  #sender: SrtpSender | undefined;
  #receiver: SrtpReceiver | undefined;
  /** The keys before the present ones: packets made with them may still be under way. */
  #former: SrtpReceiver | undefined;
  #forged = 0;
  #replayed = 0;

  get isOn(): boolean {
    return this.#keys !== undefined;
  }

  /** Packets that were not made with the key, and such as came twice. */
  get dropped(): { readonly forged: number; readonly replayed: number } {
    return { forged: this.#forged, replayed: this.#replayed };
  }

  /** Bytes that an RTP packet needs behind its payload. */
  get room(): number {
    return this.#sender?.tagBytes ?? 0;
  }

  /** Takes the keys that were agreed; those that stay the same go on where they are. Throws RangeError where a key has not its length. */
  use(keys: RtpRemote["srtp"]): void {
    if (!keys) {
      this.#sender = this.#receiver = this.#former = undefined;
    } else {
      if (!isSame(keys.local, this.#keys?.local)) this.#sender = new SrtpSender(keys.local);
      if (!isSame(keys.remote, this.#keys?.remote)) {
        this.#former = this.#receiver;
        this.#receiver = new SrtpReceiver(keys.remote, this.#former);
      }
    }
    this.#keys = keys;
  }

  sealRtp(packet: Buffer): void {
    this.#sender?.protectRtp(packet);
  }

  sealRtcp(packet: Buffer): Buffer {
    return this.#sender?.protectRtcp(packet) ?? packet;
  }

  /** The packet to be used, decrypted in place; nothing where it is not to be trusted. */
  openRtp(datagram: Buffer): Buffer | undefined {
    if (!this.#receiver) return datagram;
    const opened = this.#receiver.unprotectRtp(datagram);
    if (opened.type === "fresh") this.#former = undefined;
    return this.#judge(opened.type === "forged" && this.#former ? this.#former.unprotectRtp(datagram) : opened);
  }

  openRtcp(datagram: Buffer): Buffer | undefined {
    if (!this.#receiver) return datagram;
    const opened = this.#receiver.unprotectRtcp(datagram);
    return this.#judge(opened.type === "forged" && this.#former ? this.#former.unprotectRtcp(datagram) : opened);
  }

  #judge(opened: Unprotected): Buffer | undefined {
    switch (opened.type) {
      case "fresh":
        return opened.packet;
      case "forged":
        this.#forged++;
        return undefined;
      case "replayed":
        this.#replayed++;
        return undefined;
    }
  }
}
