export { coldAir, hotel, newDataDir, openHotel } from "./hotel.ts";
