import type { AuditReport, AuditStatus } from '../../../lambdas/flows/audit-conservation.ts';
import { auditConservation, isBalanced } from '../../../lambdas/flows/audit-conservation.ts';
import { integrationId } from '../../../simulation/outbound/genesys.ts';
import { numberId, startAt } from '../../../simulation/settings.ts';
import { MemoryArchive } from '../../../simulation/stores/memory-archive.ts';
import type { PlayedDay } from './audit-scene.ts';
import { copyDay, playInboundDay, playOutboundDay } from './audit-scene.ts';

jest.setTimeout(240_000);

const messagesPerDay = 1000;
const inboundDays = 14;
const outboundDays = 6;
/** Every played day is counted so often, under other ids each time. */
const copies = 5;
const accepted = messagesPerDay * (inboundDays + outboundDays) * copies;
const seed = Number(process.env.SIMULATION_SEED ?? Date.now() % 1_000_000);

let days: PlayedDay[];

/** What the audit says of all days, the records with these keys being lost. */
function audit(lostKeys: readonly string[] = []): Promise<AuditReport> {
  const archive = new MemoryArchive();
  for (const day of days) for (const [key, bytes] of day.archive.objects) archive.objects.set(key, bytes);
  const records = new Map(days.flatMap((day) => day.records.map((record) => [record.key, record])));
  for (const key of lostKeys) records.delete(key);
  return auditConservation(
    { from: startAt, to: startAt + 7 * 86_400_000 },
    {
      archive,
      archiveIndex: archive,
      ledger: { readMany: async (keys) => keys.flatMap((key) => records.get(key) ?? []) },
      terms: { hash: (text) => text, numberOfIntegration: new Map([[integrationId, numberId]]) },
    },
  );
}

beforeAll(async () => {
  console.info(`days from seed ${seed}`);
  const played: PlayedDay[] = [];
  for (let day = 0; day < inboundDays; day += 1)
    played.push(await playInboundDay(seed + day, messagesPerDay));
  for (let day = 0; day < outboundDays; day += 1)
    played.push(await playOutboundDay(seed + day, messagesPerDay));
  days = played.flatMap((day) => Array.from({ length: copies }, (_, copy) => copyDay(day, copy)));
  expect(played.flatMap(({ violations }) => violations)).toEqual([]);
});

describe('the audit of 100,000 messages of both directions, received and sent under faults', () => {
  it('accounts for each in exactly one status, and says so by the ledger’s own figures', async () => {
    const report = await audit();

    const expected: Partial<Record<AuditStatus, number>> = {};
    let ambiguous = 0;
    for (const record of days.flatMap(({ records }) => records)) {
      const status = record.placeholder && record.status === 'DELIVERED' ? 'PLACEHOLDER' : record.status;
      expected[status] = (expected[status] ?? 0) + 1;
      if (record.ambiguous > 0) ambiguous += 1;
    }
    expect(accepted).toBe(100_000);
    expect(report).toMatchObject({ received: accepted, byStatus: expected, ambiguous, differences: [] });
    expect(isBalanced(report)).toBe(true);
    expect(report.repeats).toBeGreaterThan(0);
    for (const status of ['DELIVERED', 'FAILED', 'EXPIRED', 'HELD'] as const)
      expect(report.byStatus[status]).toBeGreaterThan(0);
  });

  it('finds a single record that was lost, in either direction, by its id', async () => {
    const [inbound, outbound] = [days[7], days[inboundDays * copies + 3]];
    const lost = [inbound?.records[123], outbound?.records[456]].filter((record) => record !== undefined);
    const [first] = lost;

    const one = await audit(lost.slice(0, 1).map(({ key }) => key));
    expect(one.differences).toMatchObject([{ key: first?.key, id: first?.messageId, problem: 'no-record' }]);
    expect(isBalanced(one)).toBe(false);

    const two = await audit(lost.map(({ key }) => key));
    expect(two.differences.map(({ id }) => id).sort()).toEqual(lost.map(({ messageId }) => messageId).sort());
    expect(two.received).toBe(accepted);
  });
});
