import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a file that only its owner can read, whole or not at all, and on disk when this resolves. */
export async function writePrivate(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const beside = `${file}.new`;
  {
    await using handle = await open(beside, "w", 0o600);
    await handle.writeFile(content);
    await handle.sync();
  }
  await rename(beside, file);
  await using folder = await open(dirname(file), "r");
  await folder.sync();
}
