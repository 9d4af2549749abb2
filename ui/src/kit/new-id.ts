/** 16 random bytes in hexadecimal. `crypto.randomUUID` is missing where the page comes over plain HTTP, as it does on a site's LAN. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
