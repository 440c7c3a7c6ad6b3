// The rules of fences and redelivery, taken out one at a time.
import type { ParkedItem } from '../lambdas/core/model/parked-item.ts';
import { overrideSome } from './port-proxy.ts';
import type { Mutant } from './seams.ts';
import { fenceMutant, storeMutant } from './store-mutants.ts';

export const redeliveryMutants: readonly Mutant[] = [
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
