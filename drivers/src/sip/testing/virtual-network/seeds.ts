import { SeededRandom } from "./random.ts";

/** Runs `run` for each seed from `first` on; a failure names its seed, and whatever `run` has to tell beside. */
export async function forSeeds(
  count: number,
  run: (random: SeededRandom, tell: (story: () => string) => void) => Promise<void>,
  first = 1,
): Promise<void> {
  for (let seed = first; seed < first + count; seed++) {
    let story = () => "";
    try {
      await run(new SeededRandom(seed), (told) => {
        story = told;
      });
    } catch (cause) {
      throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}\n${story()}`, { cause });
    }
  }
}
