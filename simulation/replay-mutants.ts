// The rules of dead letters and replay, taken out one at a time.
import { overrideSome } from './port-proxy.ts';
import type { Mutant } from './seams.ts';
import { storeMutant } from './store-mutants.ts';

export const replayMutants: readonly Mutant[] = [
  {
    name: 'dead-letter-parked-unconditionally',
    rule: 'a dead letter is parked on condition of the state in the ledger',
    create: storeMutant((_stores, role, world) => ({
      ledger: {
        async claim(request) {
          const record = world.ledger.records.get(request.key);
          if (role === 'dead-letters' && record) record.status = 'PARKED';
          return _stores.ledger.claim({ ...request, ...(role === 'dead-letters' ? { fromPark: true } : {}) });
        },
      },
    })),
  },
  {
    name: 'dead-letter-by-its-own-sequence',
    rule: 'a dead letter is parked under its original order',
    create: storeMutant(({ ledger, park }, role) =>
      role === 'dead-letters'
        ? {
            ledger: {
              async claim(request) {
                const write = await ledger.claim(request);
                return {
                  ...write,
                  record: { ...write.record, sequence: `00000000000001000001.${request.messageId}` },
                };
              },
            },
            park: { put: (item) => park.put(item) },
          }
        : {},
    ),
  },
  {
    name: 'replay-one-by-one-through-the-queue',
    rule: 'a replay puts its items on the park list before anything new',
    create: storeMutant(({ ledger }, role, { queue, context, wake, ledger: stored }) =>
      role === 'replay'
        ? {
            park: {
              async put({ key, replay, body }) {
                // The worker would have to take it for what the drain does: opened anew, and free.
                await ledger.reopen(key, replay, context.time.now());
                const record = stored.records.get(key);
                if (record?.status === 'PARKED') Object.assign(record, { status: 'INFLIGHT', leaseUntil: 0 });
                const { items } = JSON.parse(body) as { items: { phone?: string }[] };
                const shared = (JSON.parse(body) as { shared?: { phone?: string } }).shared;
                const groupId = `group-${items[0]?.phone ?? shared?.phone}`;
                queue.send({ groupId, deduplicationId: `${key} ${replay}`, body }, context.time.now());
                context.time.at(context.time.now(), wake);
                await context.time.sleep(1000);
              },
            },
            fences: { close: async (_place, seen) => seen },
          }
        : {},
    ),
  },
  {
    name: 'replay-without-its-number',
    rule: 'the number of a replay is part of the park key and of the claim',
    create: storeMutant(({ park }, role) =>
      role === 'replay' ? { park: { put: (item) => park.put({ ...item, replay: '' }) } } : {},
    ),
  },
  {
    name: 'forced-replay-without-its-own-key',
    rule: 'a forced copy has a record of its own',
    create: storeMutant(({ park }, role) =>
      role === 'replay'
        ? { park: { put: (item) => park.put({ ...item, key: item.key.replace(/#FORCED#.*$/, '') }) } }
        : {},
    ),
  },
  {
    name: 'replay-reopens-anything',
    rule: 'a replay reopens only what ended undelivered',
    create: () => ({
      ledger: (ledger, stored) =>
        overrideSome(ledger, {
          async reopen(key, replay, at) {
            const record = stored.records.get(key);
            if (record?.status === 'DELIVERED') record.status = 'FAILED';
            await ledger.reopen(key, replay, at);
          },
        }),
    }),
  },
];
