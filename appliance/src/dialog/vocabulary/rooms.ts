/** "801-803" → 801, 802, 803. Numbers keep the width they are written in. */
export function expandRooms(ranges: readonly string[]): string[] {
  const rooms = new Set<string>();
  for (const range of ranges) {
    const [from = "", to = from] = range.split("-");
    for (let room = Number(from); room <= Number(to); room++) rooms.add(String(room).padStart(from.length, "0"));
  }
  return [...rooms];
}
