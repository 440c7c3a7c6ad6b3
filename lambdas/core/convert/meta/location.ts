import type { Converter } from './conversion.ts';
import { joinParts, readNumber, readText } from './conversion.ts';

/** Name, address and the customer's own link, and a link to the place on a map. */
export const convertLocation: Converter = (content, { phrases }) => {
  const latitude = readNumber(content, 'latitude');
  const longitude = readNumber(content, 'longitude');
  const isPlace =
    latitude !== undefined &&
    longitude !== undefined &&
    Math.abs(latitude) <= 90 &&
    Math.abs(longitude) <= 180;
  const place = isPlace
    ? `https://maps.google.com/?q=${latitude},${longitude}`
    : joinParts([readText(content, 'latitude'), readText(content, 'longitude')], ', ');
  const lines = [readText(content, 'name'), readText(content, 'address'), readText(content, 'url'), place];
  return { text: joinParts([phrases.location, ...lines], '\n'), placeholder: !isPlace };
};
