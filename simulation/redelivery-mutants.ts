// The rules of fence, park, redelivery, dead letters and replay, taken out one at a time.
import { BridgeError } from '../lambdas/core/errors.ts';
import { isClaimCheck, parseQueueBody } from '../lambdas/core/model/envelope.ts';
import { inboundKey } from '../lambdas/core/model/ledger-record.ts';
import type { ParkedItem } from '../lambdas/core/model/parked-item.ts';
import type { MessageLedger } from '../lambdas/core/ports.ts';
import type { Fences, Park } from '../lambdas/core/redelivery-ports.ts';
import { createQueueHandler } from '../lambdas/runtime/queue-handler.ts';
import { overrideSome } from './port-proxy.ts';
import type { Mutant, Seams } from './seams.ts';
import type { Role, SimulatedStores } from './simulated-ports.ts';
import type { World } from './world.ts';

type Change = (
  stores: SimulatedStores,
  role: Role,
  world: World,
) => { ledger?: Partial<MessageLedger>; fences?: Partial<Fences>; park?: Partial<Park> };

/** Replaces some methods of the stores, for each run of a function anew. */
function storeMutant(change: Change): () => Seams {
  return () => ({
    stores(stores, role, world) {
      const { ledger = {}, fences = {}, park = {} } = change(stores, role, world);
      return {
        ...stores,
        ledger: overrideSome(stores.ledger, ledger),
        fences: overrideSome(stores.fences, fences),
        park: overrideSome(stores.park, park),
      };
    },
  });
}

/** Replaces some methods of the fences where a call arrives. */
function fenceMutant(change: (fences: Fences, stored: Fences) => Partial<Fences>): () => Seams {
  return () => ({ fences: (fences, stored) => overrideSome(fences, change(fences, stored)) });
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
    create: storeMutant(({ ledger, fences }) => {
      const waiting: (() => Promise<unknown>)[] = [];
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
    name: 'no-catch-and-no-sweep',
    rule: 'the machine catches errors of the drain',
    create: () => ({ noCatch: true, noSweep: true }),
  },
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
    create: storeMutant((_stores, role, { queue, context, wake }) =>
      role === 'replay'
        ? {
            park: {
              async put({ key, replay, body }) {
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
