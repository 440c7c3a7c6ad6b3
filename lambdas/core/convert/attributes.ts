// Participant data for Architect. Genesys publishes no limit; 1,900 bytes is what bridges in the field keep to.
import { toSafeLine } from './hostile-text.ts';

const mostBytes = 1900;
/** Kept for the ids that go with every message. */
const reservedBytes = 450;
const longestValue = 500;

const encoder = new TextEncoder();
const sizeOf = (name: string, value: string): number =>
  encoder.encode(JSON.stringify(name) + JSON.stringify(value)).length + 2;

/** Takes attributes in their order as long as they fit, values as safe single lines; counts those left out. */
export function fitAttributes(attributes: Readonly<Record<string, string>>): {
  kept: Record<string, string>;
  dropped: number;
} {
  const kept: Record<string, string> = {};
  let bytes = reservedBytes;
  let dropped = 0;
  for (const [name, value] of Object.entries(attributes)) {
    const line = toSafeLine(value, value.length);
    const size = sizeOf(name, line);
    // Half an id or address leads astray, so that a value goes whole or not at all.
    if (line.length > longestValue || bytes + size > mostBytes) {
      dropped += 1;
      continue;
    }
    bytes += size;
    if (line !== '') kept[name] = line;
  }
  return { kept, dropped };
}
