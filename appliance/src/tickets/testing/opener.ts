import { coldAir, openHotel } from "./hotel.ts";

// Run by itself, to be killed: opens work orders without end and says each number once open() has resolved.
const [dataDir = ""] = process.argv.slice(2);
const { tickets } = await openHotel({ dataDir });
for (;;) {
  const { number } = await tickets.open(coldAir);
  process.stdout.write(`${number}\n`);
}
