/** As forms write text: a plus sign is a blank, what is not plain ASCII is percent and hexadecimal (of UTF-8). */
export function decodeUrlText(text: string): Uint8Array {
  const plain = Buffer.from(text.replaceAll("+", " "), "utf8");
  const bytes: number[] = [];
  for (let at = 0; at < plain.length; at++) {
    const byte = plain[at] ?? 0;
    const code = byte === 0x25 ? plain.toString("latin1", at + 1, at + 3) : "";
    if (/^[0-9a-f]{2}$/i.test(code)) {
      bytes.push(Number.parseInt(code, 16));
      at += 2;
    } else bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

/** Everything but letters and digits, so that nothing of a text can end the command that it stands in. */
export const encodeUrlText = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*~_.-]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
