/** Puts `item` in the place of the one with the same key, or in front. `isNewer` keeps a late push from undoing a newer one. */
export function upsert<T>(
  list: readonly T[],
  item: T,
  keyOf: (item: T) => unknown,
  isNewer: (item: T, old: T) => boolean = () => true,
): T[] {
  const key = keyOf(item);
  const index = list.findIndex((other) => keyOf(other) === key);
  const old = list[index];
  if (old === undefined) return [item, ...list];
  return isNewer(item, old) ? list.with(index, item) : [...list];
}
