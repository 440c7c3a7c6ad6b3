// A customer stops or resumes marketing messages: written to the profile, in the order the customer said so. Repeating
// it changes nothing, so it needs no record in the ledger.
import { readSentAt } from '../core/convert/meta/from-meta.ts';
import { readOptOut } from '../core/convert/meta/preferences.ts';
import type { InboundEnvelope, InboundItem } from '../core/model/envelope.ts';
import type { Telemetry } from '../core/ports.ts';
import type { CustomerFinder } from './find-customer.ts';

export interface RecordPreferencePorts {
  customers: Pick<CustomerFinder, 'recordOptOut'>;
  telemetry: Telemetry;
  /** Numbers this deployment serves. */
  numbers: ReadonlyMap<string, unknown>;
}

/** @throws BridgeError `store-unavailable`. */
export async function recordPreference(
  item: InboundItem,
  envelope: InboundEnvelope,
  { customers, telemetry, numbers }: RecordPreferencePorts,
): Promise<void> {
  const { correlationId, rawKey, receivedAt } = envelope;
  const trace = { messageId: item.id, correlationId, rawKey };
  const optedOut = numbers.has(envelope.numberId) ? readOptOut(item.message) : undefined;
  if (optedOut === undefined) {
    telemetry.count('PreferencesUnknown');
    telemetry.event('preference.unknown', trace);
    return;
  }
  await customers.recordOptOut(item, envelope, { optedOut, at: readSentAt(item, receivedAt) });
  telemetry.count(optedOut ? 'OptOuts' : 'OptIns');
  telemetry.event('preference.recorded', { ...trace, optedOut });
}
