import type { LedgerStatus } from '../../../lambdas/core/model/ledger-record.ts';
import { auditConservation, isBalanced } from '../../../lambdas/flows/audit-conservation.ts';
import { MemoryLedger } from '../../../simulation/stores/memory-ledger.ts';
import { aChange, aLedgerRecord, aTextMessage, aWebhook } from '../../builders.ts';
import { indexMemoryArchive, searchMemoryLedger } from '../../fakes/memory-search.ts';
import { MemoryArchive } from '../../fakes/outside-world.ts';

const start = Date.UTC(2026, 10, 20);
const range = { from: start, to: start + 86_400_000 };

function aWorld() {
  const ledger = new MemoryLedger();
  const archive = new MemoryArchive();
  let at = start;
  return {
    ledger,
    receive: (...ids: string[]) => {
      at += 1;
      const messages = ids.map((id) =>
        aTextMessage({ id, ...(id.startsWith('gone') ? { type: 'request_welcome' } : {}) }),
      );
      const body = JSON.stringify(aWebhook(aChange({ messages })));
      archive.objects.set(`raw/acme/2026-11-20/${at}-a.json`, new TextEncoder().encode(body));
    },
    record: (id: string, status: LedgerStatus, over: Parameters<typeof aLedgerRecord>[0] = {}) => {
      const key = `IN#1#${id}`;
      ledger.records.set(key, aLedgerRecord({ key, messageId: id, status, ...over }));
    },
    audit: () =>
      auditConservation(range, {
        archive,
        archiveIndex: indexMemoryArchive(archive),
        ledger: searchMemoryLedger(ledger),
        terms: { hash: (text) => text, numberOfIntegration: new Map() },
      }),
  };
}

describe('the audit', () => {
  it('accounts for every received message by its status, placeholders apart', async () => {
    const world = aWorld();
    const statuses = [
      'DELIVERED',
      'INFLIGHT',
      'PARKED',
      'HELD',
      'QUARANTINED',
      'FAILED',
      'EXPIRED',
      'ERASED',
    ] as const;
    world.receive(...statuses.map((status) => `wamid.${status}`));
    for (const status of statuses) world.record(`wamid.${status}`, status);
    world.receive('wamid.shown-as-notice');
    world.record('wamid.shown-as-notice', 'DELIVERED', { placeholder: true, ambiguous: 1 });
    const report = await world.audit();
    expect(report).toMatchObject({ webhooks: 2, received: 9, repeats: 0, ignored: 0, ambiguous: 1 });
    expect(new Set(Object.values(report.byStatus))).toEqual(new Set([1]));
    expect(isBalanced(report)).toBe(true);
  });

  it('counts a message once however often it came', async () => {
    const world = aWorld();
    world.receive('wamid.1', 'wamid.2');
    world.receive('wamid.1');
    world.record('wamid.1', 'DELIVERED');
    world.record('wamid.2', 'DELIVERED');
    expect(await world.audit()).toMatchObject({ received: 2, repeats: 1, byStatus: { DELIVERED: 2 } });
  });

  it('names what was received and is nowhere, and does not balance then', async () => {
    const world = aWorld();
    world.receive('wamid.1', 'wamid.lost');
    world.record('wamid.1', 'DELIVERED');
    const report = await world.audit();
    expect(report.differences).toMatchObject([{ id: 'wamid.lost', problem: 'no-record' }]);
    expect(isBalanced(report)).toBe(false);
  });

  it('does not miss what is shown to nobody by decision', async () => {
    const world = aWorld();
    world.receive('gone.1');
    const report = await world.audit();
    expect(report).toMatchObject({ received: 0, ignored: 1, differences: [] });
    expect(isBalanced(report)).toBe(true);
  });
});
