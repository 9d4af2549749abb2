/** How long nothing may come before it is told: before the first packet, and after it. */
const QUIET_AT_FIRST_MS = 30_000;
const QUIET_LATER_MS = 15_000;

interface Deps {
  readonly now: () => number;
  /** Told when nothing has come for too long, and every 15 s while it stays so. */
  readonly onQuiet: (quietMs: number) => void;
  readonly onHeardAgain: (quietMs: number) => void;
}

/** Notices where sound is expected and does not come. On hold nothing is. */
export class QuietWatch {
  readonly #deps: Deps;
  #since: number | undefined;
  #heardAny = false;
  #toldAt: number | undefined;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** How long nothing has come, where it is expected. */
  get quietMs(): number | undefined {
    return this.#since === undefined ? undefined : this.#deps.now() - this.#since;
  }

  expect(isExpected: boolean): void {
    if (!isExpected) this.#since = this.#toldAt = undefined;
    else this.#since ??= this.#deps.now();
  }

  heard(): void {
    const quietMs = this.quietMs ?? 0;
    this.#heardAny = true;
    if (this.#since !== undefined) this.#since = this.#deps.now();
    if (this.#toldAt === undefined) return;
    this.#toldAt = undefined;
    this.#deps.onHeardAgain(quietMs);
  }

  look(): void {
    const { quietMs } = this;
    if (quietMs === undefined || quietMs < (this.#heardAny ? QUIET_LATER_MS : QUIET_AT_FIRST_MS)) return;
    const now = this.#deps.now();
    if (this.#toldAt !== undefined && now - this.#toldAt < QUIET_LATER_MS) return;
    this.#toldAt = now;
    this.#deps.onQuiet(quietMs);
  }
}
