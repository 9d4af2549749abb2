import { HIDDEN, type Shown } from "../../transcript/index.ts";

/** Commands that carry PINs (3GPP TS 27.007 §7.4, §7.5, §8.3; Huawei's). A PIN may stand in any number: here it is one. */
const PIN_COMMANDS: readonly string[] = ["+CPIN=", "^CPIN=", "+CLCK=", "+CPWD="];
const NAME_LENGTH = 6;

/** Takes the figures behind commands that carry a PIN out of one direction of a port, however its bytes are cut. */
class PinFilter {
  #last = "";
  /** In such a command, in its figures. */
  #at: "elsewhere" | "command" | "figures" = "elsewhere";

  shown(text: string): string {
    let shown = "";
    for (const character of text) shown += this.#character(character);
    return shown;
  }

  #character(character: string): string {
    if (this.#at === "elsewhere" || character < " ") {
      this.#last = `${this.#last}${character}`.slice(-NAME_LENGTH).toUpperCase();
      this.#at = PIN_COMMANDS.includes(this.#last) ? "command" : "elsewhere";
      return character;
    }
    const wasInFigures = this.#at === "figures";
    this.#at = character >= "0" && character <= "9" ? "figures" : "command";
    if (this.#at !== "figures") return character;
    return wasInFigures ? "" : HIDDEN;
  }
}

/** For transcripts: what is said at a port for commands, either way, without the PINs in it. A PIN is *** in whatever length. */
export function withoutPins(): Shown {
  const filters = { in: new PinFilter(), out: new PinFilter() };
  return (bytes, direction) => {
    const text = Buffer.from(bytes).toString("latin1");
    const shown = filters[direction].shown(text);
    return shown === text ? bytes : Buffer.from(shown, "latin1");
  };
}
