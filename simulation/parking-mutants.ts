// The rules of parking, taken out one at a time.
import { BridgeError } from '../lambdas/core/errors.ts';
import { isClaimCheck, parseQueueBody } from '../lambdas/core/model/envelope.ts';
import { inboundKey } from '../lambdas/core/model/ledger-record.ts';
import type { ParkedItem } from '../lambdas/core/model/parked-item.ts';
import { createQueueHandler } from '../lambdas/runtime/queue-handler.ts';
import { overrideSome } from './port-proxy.ts';
import type { Mutant } from './seams.ts';
import type { Change } from './store-mutants.ts';
import { storeMutant } from './store-mutants.ts';

function byClock(now: number): string {
  return String(now).padStart(20, '0');
}

/** Parks in another order: `put` is made only after the call that `after` names. */
function putAfter(after: 'fence' | 'ledger'): Change {
  return ({ ledger, fences, park }, role) => {
    if (role === 'replay') return {};
    const waiting: ParkedItem[] = [];
    const flush = async (): Promise<void> => {
      for (const item of waiting.splice(0)) await park.put(item);
    };
    return {
      park: { put: async (item) => void waiting.push(item) },
      fences: {
        async close(...args) {
          const closed = await fences.close(...args);
          if (closed && after === 'fence') await flush();
          return closed;
        },
        async touch(...args) {
          const touched = await fences.touch(...args);
          if (touched && after === 'fence') await flush();
          return touched;
        },
      },
      ledger: {
        async park(...args) {
          await ledger.park(...args);
          await flush();
        },
      },
    };
  };
}

export const parkingMutants: readonly Mutant[] = [
  {
    name: 'ledger-before-park-item',
    rule: 'the park item is put before the ledger says PARKED',
    create: storeMutant(putAfter('ledger')),
  },
  {
    name: 'fence-before-park-item',
    rule: 'the park item is put before the fence is touched',
    create: storeMutant(putAfter('fence')),
  },
  {
    name: 'ledger-before-fence',
    rule: 'the fence is closed before the ledger says PARKED',
    create: storeMutant(({ ledger, fences }, role) => {
      const waiting: (() => Promise<unknown>)[] = [];
      // A replay writes nothing into the ledger.
      if (role === 'replay') return {};
      return {
        // The fence counts as closed before it is, and is closed when the ledger has been written.
        fences: {
          async close(place, seen, nextAttemptAt) {
            waiting.push(() => fences.close(place, seen, nextAttemptAt));
            return { ...seen, state: 'parked', run: seen.run + 1, version: seen.version + 1, nextAttemptAt };
          },
        },
        ledger: {
          async park(...args) {
            await ledger.park(...args);
            for (const close of waiting.splice(0)) await close();
          },
        },
      };
    }),
  },
  {
    name: 'acknowledged-before-it-is-parked',
    rule: 'a record is acknowledged after it was parked',
    create: () => ({
      handler: (options) =>
        createQueueHandler({
          ...options,
          async processRecord(record) {
            try {
              return await options.processRecord(record);
            } catch (error) {
              if (!(error instanceof BridgeError)) throw error;
              return { state: 'done' };
            }
          },
        }),
    }),
  },
  {
    name: 'park-order-by-clock',
    rule: 'the sort key in the park is the order of acceptance, never a clock',
    create: storeMutant(({ park }, role, { context }) =>
      role === 'replay'
        ? {}
        : { park: { put: (item) => park.put({ ...item, sequence: byClock(context.time.now()) }) } },
    ),
  },
  {
    name: 'rest-of-the-envelope-not-parked',
    rule: 'all remaining items of the envelope are parked with the first',
    create: () => {
      let parked: (id: string) => boolean = () => false;
      return {
        stores(stores, _role, { ledger }) {
          parked = (id) => ledger.records.get(inboundKey('1', id))?.status === 'PARKED';
          return stores;
        },
        handler: (options) =>
          createQueueHandler({
            ...options,
            async processRecord(record) {
              const envelope = parseQueueBody(record.body);
              if (isClaimCheck(envelope) || envelope.items.length < 2) return options.processRecord(record);
              const [first] = envelope.items;
              const alone = JSON.stringify({ ...envelope, items: [first] });
              const outcome = await options.processRecord({ ...record, body: alone });
              if (outcome.state === 'done' && parked(first?.id ?? '')) return outcome;
              return options.processRecord(record);
            },
          }),
      };
    },
  },
  {
    name: 'profile-cached-per-batch',
    rule: 'the profile is never cached per batch',
    create: () => ({
      finder: (finder) => {
        const found = new Map<string, ReturnType<typeof finder.find>>();
        return overrideSome(finder, {
          find(item, envelope, visitId) {
            const key = item.phone ?? '';
            const known = found.get(key) ?? finder.find(item, envelope, visitId);
            found.set(key, known);
            return known;
          },
        });
      },
    }),
  },
  {
    name: 'few-receives-are-no-reason',
    rule: 'with fewer than 6 receives left the record is parked before anything else',
    create: () => ({
      handler: (options) =>
        createQueueHandler({
          ...options,
          processRecord: (record) =>
            options.processRecord({ ...record, receiveCount: Math.min(record.receiveCount, 10) }),
        }),
    }),
  },
];
