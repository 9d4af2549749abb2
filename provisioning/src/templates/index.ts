export { hotelTemplate } from "./hotel.ts";
export { propertyTemplate } from "./property.ts";
