// The rules of fence, park and redelivery, taken out one at a time.
import { BridgeError } from '../lambdas/core/errors.ts';
import { isClaimCheck, parseQueueBody } from '../lambdas/core/model/envelope.ts';
import { inboundKey } from '../lambdas/core/model/ledger-record.ts';
import type { ParkedItem } from '../lambdas/core/model/parked-item.ts';
import { createQueueHandler } from '../lambdas/runtime/queue-handler.ts';
import { overrideSome } from './port-proxy.ts';
import type { Mutant } from './seams.ts';
import type { Change } from './store-mutants.ts';
import { fenceMutant, storeMutant } from './store-mutants.ts';

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

export const redeliveryMutants: readonly Mutant[] = [
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
  {
    name: 'touch-omitted',
    rule: 'whatever is put behind a closed fence changes its version',
    create: storeMutant(({ fences }) => ({
      fences: {
        async touch(place) {
          const fence = await fences.read(place);
          return fence.state === 'parked' ? fence : undefined;
        },
      },
    })),
  },
  {
    name: 'close-without-version',
    rule: 'the fence is closed only as it was read',
    equivalent:
      'the item is in the park before; closing an open fence later than it was read only delays what follows',
    create: fenceMutant((fences, stored) => ({
      close: async (place, _seen, nextAttemptAt) =>
        fences.close(place, await stored.read(place), nextAttemptAt),
    })),
  },
  {
    name: 'open-without-version',
    rule: 'the fence opens only on its version unchanged',
    create: fenceMutant((fences, stored) => ({
      async open(place, seen) {
        const { version } = await stored.read(place);
        return fences.open(place, { ...seen, version });
      },
    })),
  },
  {
    name: 'open-without-run',
    rule: 'the fence opens only on its run unchanged',
    equivalent:
      'whatever was parked since has changed the version, which is never reset; the next mutant resets it',
    create: fenceMutant((fences, stored) => ({
      async open(place, seen) {
        const { run } = await stored.read(place);
        return fences.open(place, { ...seen, run });
      },
    })),
  },
  {
    name: 'version-reset-and-open-without-run',
    rule: 'the version is never reset',
    create: () => {
      let base = 0;
      return fenceMutant((fences, stored) => ({
        async read(place) {
          const fence = await fences.read(place);
          return { ...fence, version: fence.version - base };
        },
        close: async (place, _seen, at) => fences.close(place, await stored.read(place), at),
        async open(place, seen) {
          const fence = await stored.read(place);
          if (fence.state === 'open' || fence.version - base !== seen.version) return false;
          const isOpen = await fences.open(place, fence);
          base = (await stored.read(place)).version;
          return isOpen;
        },
      }))();
    },
  },
  {
    name: 'list-before-version',
    rule: 'the version is read before the park is listed',
    create: storeMutant(({ fences, park }, role) => {
      let listed: Promise<ParkedItem[]> | undefined;
      if (role !== 'drain') return {};
      return {
        fences: {
          async read(place) {
            listed = Promise.resolve(await park.list(place, 25));
            return fences.read(place);
          },
        },
        park: { list: (place, limit) => listed ?? park.list(place, limit) },
      };
    }),
  },
  {
    name: 'park-listed-inconsistently',
    rule: 'the park is listed consistently',
    create: storeMutant(({ park }, role, { context }) => ({
      park: {
        async list(place, limit) {
          const items = await park.list(place, limit);
          const staleAt = context.time.now() - 1000;
          return role === 'drain' ? items.filter(({ parkedAt }) => parkedAt < staleAt) : items;
        },
      },
    })),
  },
  {
    name: 'taken-out-before-it-is-settled',
    rule: 'a parked item is settled, then taken out',
    create: () => {
      const items = new Map<string, ParkedItem>();
      return storeMutant(({ ledger, park }) => ({
        park: {
          async list(place, limit) {
            const listed = await park.list(place, limit);
            for (const item of listed) items.set(item.key, item);
            return listed;
          },
        },
        ledger: {
          async claim(request) {
            const item = request.fromPark ? items.get(request.key) : undefined;
            if (item) await park.remove(item);
            return ledger.claim(request);
          },
        },
      }))();
    },
  },
  {
    name: 'drain-goes-on-past-a-failure',
    rule: 'the drain stops at the first item that cannot be delivered',
    create: () => {
      const failed = new Set<string>();
      const seams = storeMutant(({ park }) => ({
        park: {
          list: async (place, limit) =>
            (await park.list(place, limit)).sort(
              (a, b) => Number(failed.has(a.key)) - Number(failed.has(b.key)),
            ),
        },
      }))();
      return {
        ...seams,
        visitParked: (visit) => async (item, attempt) => {
          const outcome = await visit(item, attempt);
          if (outcome.state === 'back' && outcome.trouble) failed.add(item.key);
          return outcome;
        },
      };
    },
  },
  {
    name: 'parked-takeover-is-not-ambiguous',
    rule: 'taking over a tried record sets ambiguous, PARKED ones too',
    create: () => ({
      ledger: (ledger, stored) =>
        overrideSome(ledger, {
          async claim(request) {
            const record = stored.records.get(request.key);
            if (record?.status === 'PARKED') record.tried = 0;
            return ledger.claim(request);
          },
        }),
    }),
  },
  {
    name: 'horizon-of-the-head-for-all',
    rule: 'the horizon is per item',
    create: () => ({
      visitParked: (visit) => {
        let expired: boolean | undefined;
        return (item, attempt) => {
          expired ??= attempt.expired;
          return visit(item, { ...attempt, expired });
        };
      },
    }),
  },
  {
    name: 'ends-before-the-reader-is-told',
    rule: 'first the reader is told, then the ledger says FAILED',
    create: () => ({
      ledger: (ledger, stored) =>
        overrideSome(ledger, {
          async claim(request) {
            const write = await ledger.claim(request);
            const record = stored.records.get(request.key);
            if (write.won && record?.refusal !== undefined) record.status = 'FAILED';
            return write;
          },
        }),
    }),
  },
  {
    name: 'execution-name-reused',
    rule: 'names of executions are never used again',
    create: () => ({ executionName: (handle) => handle }),
  },
  {
    name: 'no-sweep',
    rule: 'a sweep starts runs that were lost',
    create: () => ({ noSweep: true }),
  },
  {
    name: 'sweep-restarts-waiting-fences',
    rule: 'the sweep starts fences that are overdue only',
    equivalent:
      'two runs of one fence cannot overtake each other: the older stops at its next list, and claims keep them apart; what it costs are attempts beyond the schedule, which a unit test of the sweep watches',
    create: () => ({
      sweepsAlways: true,
      ...storeMutant(({ fences }) => ({
        fences: {
          listOverdue: (direction, _before, limit) =>
            fences.listOverdue(direction, Number.POSITIVE_INFINITY, limit),
        },
      }))(),
    }),
  },
  {
    name: 'no-catch-and-no-sweep',
    rule: 'the machine catches errors of the drain',
    create: () => ({ noCatch: true, noSweep: true }),
  },
];
