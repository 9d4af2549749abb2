import fc from "fast-check";

/** Every character of the GSM alphabet and its extension. */
const GSM =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà\f^{}\\[~]|€";

export const gsmText = fc.string({ unit: fc.constantFrom(...GSM), maxLength: 600 });
export const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 400 }),
  fc.string({ unit: fc.constantFrom("好", "😀", "e\u0301", "👨‍👩‍👧‍👦", "a", "€", "🇨🇳"), maxLength: 300 }),
  gsmText,
);
