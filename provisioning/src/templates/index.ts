export { hotelTemplate } from "./hotel.ts";
