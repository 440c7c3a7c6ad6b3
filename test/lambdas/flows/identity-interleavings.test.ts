// Any interleaving: message groups run side by side in sandboxes of their own, every directory call may be overtaken by
// any other, and any call may be the last of its sandbox, before or after it took effect.
import fc from 'fast-check';
import type { InboundItem, SenderIdentity } from '../../../lambdas/core/model/envelope.ts';
import { defaultCustomerId } from '../../../lambdas/core/policy/identity.ts';
import type { CustomerDirectory } from '../../../lambdas/core/ports.ts';
import type { CustomerFinder } from '../../../lambdas/flows/find-customer.ts';
import { createCustomerFinder } from '../../../lambdas/flows/find-customer.ts';
import { MemoryCustomers } from '../../../simulation/stores/memory-customers.ts';
import { anEnvelope } from '../../builders.ts';
import { HandClock } from '../../fakes/outside-world.ts';
import { aMessageOf, aMoveOf, describeFound } from './identity-scene.ts';

jest.setTimeout(120_000);
const numRuns = 400;

interface Crash {
  atCall: number;
  took: 'no effect' | 'effect';
}
const crashPlan = fc.array(
  fc.record<Crash>({
    atCall: fc.nat({ max: 80 }),
    took: fc.constantFrom('no effect', 'effect'),
  }),
  { maxLength: 4 },
);

class SandboxDied extends Error {}

/** The same directory, with its calls interleaved by the scheduler and some of them fatal to the caller. */
function interleave(
  directory: MemoryCustomers,
  scheduler: fc.Scheduler,
  crashes: readonly Crash[],
): { directory: CustomerDirectory; begin(): void } {
  let calls = 0;
  let hasBegun = false;
  const interleaved = new Proxy(directory, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      if (!hasBegun) return method.bind(target);
      return async (...args: unknown[]) => {
        calls += 1;
        const crash = crashes.find(({ atCall }) => atCall === calls);
        await scheduler.schedule(Promise.resolve(), `${String(name)} asked`);
        if (crash?.took === 'no effect') throw new SandboxDied();
        const answer = await Reflect.apply(method, target, args);
        if (crash) throw new SandboxDied();
        await scheduler.schedule(Promise.resolve(), `${String(name)} answered`);
        return answer;
      };
    },
  });
  const begin = () => {
    hasBegun = true;
  };
  return { directory: interleaved, begin };
}

interface Visit {
  item: InboundItem;
  found: string;
}

class Run {
  readonly directory = new MemoryCustomers();
  readonly clock = new HandClock();
  #visits = 0;

  async find(item: InboundItem, finder = createCustomerFinder(this.directory, this.clock)): Promise<string> {
    this.#visits += 1;
    const visits = this.#visits;
    const envelope = anEnvelope({ receivedAt: this.clock.now() + visits });
    return describeFound(await finder.find(item, envelope, `visit-${visits}`));
  }

  findAll(senders: readonly SenderIdentity[], second: number): Promise<string[]> {
    return Promise.all([]).then(async () => {
      const found: string[] = [];
      for (const sender of senders) found.push(await this.find(aMessageOf(sender, second)));
      return found;
    });
  }

  /**
   * Items of one group one after another, groups side by side in two sandboxes, which have met those of `before`;
   * whoever dies is replaced.
   */
  async interleaved(
    items: readonly InboundItem[],
    scheduler: fc.Scheduler,
    crashes: readonly Crash[],
    before: readonly InboundItem[] = [],
  ): Promise<Visit[]> {
    const { directory, begin } = interleave(this.directory, scheduler, crashes);
    const newSandbox = () => createCustomerFinder(directory, this.clock);
    const sandboxes: CustomerFinder[] = [newSandbox(), newSandbox()];
    for (const sandbox of sandboxes) for (const item of before) await this.find(item, sandbox);
    begin();
    const visits: Visit[] = [];
    const groups = [...Map.groupBy(items, (item) => defaultCustomerId(item)).values()];
    const work = groups.map(async (group, index) => {
      for (const [place, item] of group.entries()) {
        const at = (index + place) % 2;
        for (let found: string | undefined; found === undefined; ) {
          try {
            found = await this.find(item, sandboxes[at]);
            visits.push({ item, found });
          } catch (error) {
            if (!(error instanceof SandboxDied)) throw error;
            sandboxes[at] = newSandbox();
          }
        }
      }
    });
    await scheduler.waitFor(Promise.all(work));
    return visits;
  }
}

/** No customer's address ever changes. */
function expectConstantAddresses(found: readonly string[]): void {
  const addresses = new Map<string | undefined, Set<string | undefined>>();
  for (const [customer, address] of found.map((each) => each.split('<'))) {
    addresses.set(customer, (addresses.get(customer) ?? new Set()).add(address));
  }
  for (const seen of addresses.values()) expect(seen.size).toBe(1);
}

const phone = '441';
const userId = 'GB.1';
const parentUserId = 'GB.ENT.1';
const whole = { phone, userId, parentUserId };
const facets: SenderIdentity[] = [
  { phone },
  { userId },
  { parentUserId },
  { phone, userId },
  { userId, parentUserId },
  whole,
];
const senders = fc.array(fc.constantFrom(...facets), { minLength: 1, maxLength: 8 });

describe('one person under phone, BSUID and parent BSUID', () => {
  it('whom WhatsApp named in full before is one customer with one address in any interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(senders, fc.scheduler(), crashPlan, async (list, scheduler, crashes) => {
        const run = new Run();
        const first = await run.find(aMessageOf(whole));

        const visits = await run.interleaved(
          list.map((sender, index) => aMessageOf(sender, index)),
          scheduler,
          crashes,
        );

        expect(visits.map(({ found }) => found)).toEqual(list.map(() => first));
      }),
      { numRuns },
    );
  });

  it('is one customer once WhatsApp names all ids together, whatever came before, and never in conflict', async () => {
    await fc.assert(
      fc.asyncProperty(senders, fc.scheduler(), crashPlan, async (list, scheduler, crashes) => {
        const run = new Run();

        const visits = await run.interleaved(
          list.map((sender, index) => aMessageOf(sender, index)),
          scheduler,
          crashes,
        );

        const found = visits.map((visit) => visit.found);
        expect(found).not.toContain('identity-conflict');
        expectConstantAddresses(found);
        const one = await run.find(aMessageOf(whole, 50));
        expect(await run.findAll(facets, 60)).toEqual(facets.map(() => one));
        expectConstantAddresses([...found, one]);
      }),
      { numRuns },
    );
  });
});

describe('one person who changes number and BSUID, perhaps several times', () => {
  /** The person's ids during the `age`-th hundred seconds. */
  const idsAt = (age: number) => ({ phone: `44${age}`, userId: `GB.${age}`, parentUserId: `GB.ENT.${age}` });
  const sayings = fc.array(
    fc.record({
      age: fc.nat({ max: 2 }),
      second: fc.integer({ min: 1, max: 99 }),
      facet: fc.constantFrom<(keyof SenderIdentity)[]>(
        ['phone'],
        ['userId'],
        ['phone', 'userId'],
        ['userId', 'parentUserId'],
        ['phone', 'userId', 'parentUserId'],
      ),
    }),
    { maxLength: 8 },
  );
  const moves = [0, 1].map((age) => aMoveOf(idsAt(age), idsAt(age + 1), 100 * (age + 1)));
  const pick = (ids: Record<string, string>, facet: readonly string[]): SenderIdentity =>
    Object.fromEntries(facet.map((name) => [name, ids[name]]));

  it('is the same customer under every id once the events are read, in whatever order all of it came', async () => {
    const order = fc.infiniteStream(fc.nat());
    await fc.assert(
      fc.asyncProperty(
        sayings,
        order,
        fc.scheduler(),
        crashPlan,
        async (said, numbers, scheduler, crashes) => {
          const run = new Run();
          const first = await run.find(aMessageOf(pick(idsAt(0), ['phone', 'userId'])));
          const items = said.map(({ age, second, facet }) =>
            aMessageOf(pick(idsAt(age), facet), 100 * age + second),
          );
          const shuffled = [...items, ...moves]
            .map((item) => ({ item, at: numbers.next().value }))
            .sort((a, b) => a.at - b.at)
            .map(({ item }) => item);

          const visits = await run.interleaved(shuffled, scheduler, crashes);

          const found = visits.map((visit) => visit.found);
          expect(found).not.toContain('identity-conflict');
          expectConstantAddresses([first, ...found]);
          for (const visit of visits) if (visit.item.userId === 'GB.0') expect(visit.found).toBe(first);
          for (const item of shuffled) expect(await run.find(item)).toBe(first);
          const now = idsAt(2);
          expect(await run.findAll([now, { userId: now.userId }, { phone: now.phone }], 290)).toEqual([
            first,
            first,
            first,
          ]);
        },
      ),
      { numRuns },
    );
  });
});

describe('two people and one phone number', () => {
  const former: SenderIdentity[] = [{ phone, userId }, { userId }];
  const newcomer = { phone, userId: 'GB.2' };
  /** The phone changes hands at second 10. */
  const saying = (min: number, max: number, people: SenderIdentity[]) =>
    fc.array(fc.tuple(fc.constantFrom(...people), fc.integer({ min, max })), { maxLength: 6 });
  const cast = fc.tuple(
    saying(1, 9, former),
    saying(11, 99, [newcomer, { phone }, newcomer]),
    fc.scheduler(),
    crashPlan,
  );
  const toItems = (list: [SenderIdentity, number][]) =>
    list.map(([sender, second]) => aMessageOf(sender, second));

  it('never share a conversation: without a word from WhatsApp the newcomer waits', async () => {
    await fc.assert(
      fc.asyncProperty(cast, async ([formers, newcomers, scheduler, crashes]) => {
        const run = new Run();
        const first = await run.find(aMessageOf({ phone, userId }));
        await run.find(aMessageOf(newcomer, 10));

        const visits = await run.interleaved(
          [...toItems(formers), ...toItems(newcomers)],
          scheduler,
          crashes,
        );

        for (const { item, found } of visits) {
          expect(found).toBe(item.userId === userId ? first : 'identity-conflict');
        }
      }),
      { numRuns },
    );
  });

  it('never share a conversation while the event that the former holder left is on its way', async () => {
    const moved = aMoveOf({ phone, userId }, { phone: '449', userId: 'GB.9' }, 10);
    await fc.assert(
      fc.asyncProperty(cast, async ([formers, newcomers, scheduler, crashes]) => {
        const run = new Run();
        const first = await run.find(aMessageOf({ phone, userId }));
        const items = [moved, ...toItems(formers), ...toItems(newcomers)];
        const before = [aMessageOf({ phone }), aMessageOf({ phone, userId })];

        const visits = await run.interleaved(items, scheduler, crashes, before);

        for (const { item, found } of visits) {
          if (item.userId === userId) expect(found).toBe(first);
          if (item.userId === newcomer.userId) expect(['identity-conflict', 'GB.2<GB.2']).toContain(found);
        }
        expect(await run.findAll([newcomer, { userId: newcomer.userId }, { phone }], 150)).toEqual(
          Array(3).fill('GB.2<GB.2'),
        );
        expect(await run.findAll([{ userId }, { phone: '449' }, { userId: 'GB.9' }], 150)).toEqual(
          Array(3).fill(first),
        );
      }),
      { numRuns },
    );
  });

  it('never both get a phone that was left', async () => {
    const newcomers = ['GB.2', 'GB.3', 'GB.4'].map((each) => ({ phone, userId: each }));
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), crashPlan, async (scheduler, crashes) => {
        const run = new Run();
        await run.find(aMessageOf({ phone, userId }));
        await run.find(aMoveOf({ phone, userId }, { phone: '449', userId: 'GB.9' }, 10));

        const items = newcomers.map((sender) => aMessageOf(sender, 11));
        const visits = await run.interleaved(items, scheduler, crashes);

        const found = visits.map((visit) => visit.found).filter((each) => each !== 'identity-conflict');
        expect(found).toHaveLength(1);
        expect(['GB.2<GB.2', 'GB.3<GB.3', 'GB.4<GB.4']).toContain(found[0]);
      }),
      { numRuns },
    );
  });
});
