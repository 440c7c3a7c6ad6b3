// What Meta tells the business itself is put where operators look: the log, a counter by field, and an alarm.
import type { OtherChange } from '../core/convert/meta/operator-events.ts';
import { nameField, readOperatorEvents } from '../core/convert/meta/operator-events.ts';
import type { EnvelopeHead } from '../core/model/envelope.ts';
import type { Telemetry } from '../core/ports.ts';

/** More events of one webhook than this are counted and not told one by one. */
const toldEvents = 50;

/** Ids and codes only; the whole notice is in the archive under `rawKey`. */
export function tellOperators(
  others: readonly OtherChange[],
  { rawKey, correlationId }: Pick<EnvelopeHead, 'rawKey' | 'correlationId'>,
  telemetry: Telemetry,
): void {
  for (const { field } of others) telemetry.count(`OtherChanges.${nameField(field)}`);
  const events = others.flatMap(readOperatorEvents);
  telemetry.count('OperatorEvents', events.length);
  telemetry.count('OperatorEventsSevere', events.filter(({ severe }) => severe).length);
  for (const { facts, ...event } of events.slice(0, toldEvents)) {
    telemetry.event('operator.event', { ...facts, ...event, rawKey, correlationId });
  }
}
