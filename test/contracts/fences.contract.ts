import type { Direction, Fence } from '../../lambdas/core/model/fence.ts';
import { openFence } from '../../lambdas/core/model/fence.ts';
import type { CustomerDirectory, ProfileVisit } from '../../lambdas/core/ports.ts';
import type { FenceHandles, FencePlace, Fences } from '../../lambdas/core/redelivery-ports.ts';

let runs = 0;

/** What every keeper of fences must do, whatever it is made of: fences live in the profiles of `customers`. */
export function describeFences(fresh: () => { fences: Fences; customers: CustomerDirectory }): void {
  // No two tests have overdue times in common: a shared table holds the fences of all of them.
  const start = Date.UTC(2026, 10, 20);
  let fences: Fences;
  let customers: CustomerDirectory;
  let id: string;
  let place: FencePlace;
  beforeEach(() => {
    runs += 1;
    ({ fences, customers } = fresh());
    id = `GB.fence.${runs}`;
    place = { numberId: '1', customerId: id, direction: 'in' };
  });
  const visit = (at: number): ProfileVisit => ({
    visitId: `v${at}`,
    at,
    acceptedAt: at,
    fromId: id,
    fromIdType: 'Opaque',
  });
  const close = async (seen: Fence = openFence, at = start): Promise<Fence> => {
    const fence = await fences.close(place, seen, at);
    if (!fence) throw new Error('expected the fence to close');
    return fence;
  };

  describe('a fence', () => {
    it('is open at a customer whom nobody knows, and reading it makes nobody known', async () => {
      expect(await fences.read(place)).toEqual(openFence);
      expect(await customers.peek('1', id)).toBeUndefined();
    });

    it('closes with a new run and a new version', async () => {
      await customers.touch('1', id, visit(1000));

      const closed = { state: 'parked', run: 1, version: 1, nextAttemptAt: start };
      expect(await close()).toEqual(closed);
      expect(await fences.read(place)).toEqual(closed);
    });

    it('shows wherever the profile is read, older visits included', async () => {
      await customers.touch('1', id, visit(1000));
      const fence = await close();

      const expected = { fences: { in: fence, out: openFence } };
      expect(await customers.touch('1', id, visit(2000))).toMatchObject(expected);
      expect(await customers.touch('1', id, visit(500))).toMatchObject(expected);
      expect(await customers.peek('1', id)).toMatchObject(expected);
    });

    it('closes before the first message, which still finds a new customer, as old as the fence', async () => {
      const fence = await close();
      expect(await customers.peek('1', id)).toMatchObject({ since: start });

      expect(await customers.touch('1', id, visit(1000))).toMatchObject({
        fromId: id,
        since: start,
        isNew: true,
        fences: { in: fence },
      });
    });

    it.each<Direction>(['in', 'out'])('stops no message of the other direction (%s)', async (direction) => {
      place = { ...place, direction };
      await close();
      const other = { ...place, direction: direction === 'in' ? 'out' : 'in' } as const;

      expect(await fences.read(other)).toEqual(openFence);
      expect(await fences.touch(other)).toBeUndefined();
      expect(await fences.close(other, openFence, start)).toMatchObject({ run: 1, version: 1 });
    });

    it('closes for one of many who saw it open', async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => fences.close(place, openFence, start)),
      );

      expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
      expect(await fences.read(place)).toMatchObject({ run: 1, version: 1 });
    });

    it('does not close twice, not even for whoever repeats the write', async () => {
      const closed = await close();

      expect(await fences.close(place, openFence, start)).toBeUndefined();
      expect(await fences.close(place, closed, start)).toBeUndefined();
    });

    it('does not close for who saw it open before it was closed and opened', async () => {
      await fences.open(place, await close());

      expect(await fences.close(place, openFence, start)).toBeUndefined();
      expect(await fences.read(place)).toEqual({ ...openFence, run: 1, version: 2 });
    });

    it('closes again with the next run, its version going on', async () => {
      await fences.open(place, await close());

      expect(await close(await fences.read(place), start + 1)).toEqual({
        state: 'parked',
        run: 2,
        version: 3,
        nextAttemptAt: start + 1,
      });
    });

    it('keeps its customer from becoming another’s name', async () => {
      await customers.touch('1', id, visit(1000));
      const fence = await close();
      expect(await customers.link('1', id, 'elder', 'root', visit(1000))).toBe(false);

      await fences.open(place, fence);

      expect(await customers.link('1', id, 'elder', 'root', visit(1000))).toBe(true);
    });
  });

  describe('what is put behind a fence', () => {
    it('counts as a change while it is closed', async () => {
      const fence = await close();

      expect(await fences.touch(place)).toEqual({ ...fence, version: 2 });
      expect(await fences.touch(place)).toEqual({ ...fence, version: 3 });
    });

    it('finds an open fence open', async () => {
      expect(await fences.touch(place)).toBeUndefined();
      expect(await customers.peek('1', id)).toBeUndefined();
      await fences.open(place, await close());

      expect(await fences.touch(place)).toBeUndefined();
      expect((await fences.read(place)).version).toBe(2);
    });

    it('is never counted once for two', async () => {
      await close();

      await Promise.all(Array.from({ length: 8 }, () => fences.touch(place)));

      expect((await fences.read(place)).version).toBe(9);
    });
  });

  describe('the opening of a fence', () => {
    it('says so, also when its answer was lost and it is repeated', async () => {
      const fence = await close();

      expect(await fences.open(place, fence)).toBe(true);
      expect(await fences.open(place, fence)).toBe(true);

      expect(await fences.read(place)).toEqual({ ...openFence, run: 1, version: 2 });
    });

    it('fails when something was put behind it meanwhile', async () => {
      const fence = await close();
      await fences.touch(place);

      expect(await fences.open(place, fence)).toBe(false);
      expect(await fences.read(place)).toMatchObject({ state: 'parked', version: 2 });
    });

    it('fails for a run that is over', async () => {
      const fence = await close();
      await fences.restart(place, fence, start);

      expect(await fences.open(place, fence)).toBe(false);
      expect(await fences.read(place)).toMatchObject({ state: 'parked', run: 2 });
    });

    it('fails when it was opened and closed again, and when it was never closed', async () => {
      const fence = await close();
      await fences.open(place, fence);
      await close(await fences.read(place));

      expect(await fences.open(place, fence)).toBe(false);
      expect(await fences.open({ ...place, customerId: `${id}.x` }, fence)).toBe(false);
    });

    it('fails when it was opened later than the caller thinks', async () => {
      const fence = await close();
      const touched = await fences.touch(place);
      await fences.open(place, touched ?? openFence);

      expect(await fences.open(place, fence)).toBe(false);
    });
  });

  describe('the next attempt', () => {
    it('is remembered for the current run only', async () => {
      await close();

      expect(await fences.schedule(place, 1, start + 5000)).toBe(true);
      expect(await fences.schedule(place, 2, start + 9000)).toBe(false);

      expect(await fences.read(place)).toMatchObject({ version: 1, nextAttemptAt: start + 5000 });
    });

    it('is not remembered for a fence that is open', async () => {
      await fences.open(place, await close());

      expect(await fences.schedule(place, 1, start)).toBe(false);
      expect(await fences.read(place)).toMatchObject({ state: 'open', nextAttemptAt: 0 });
    });

    it('can be one of a new run', async () => {
      const fence = await close();

      const restarted = { ...fence, run: 2, nextAttemptAt: start + 7 };
      expect(await fences.restart(place, fence, start + 7)).toEqual(restarted);
      expect(await fences.restart(place, fence, start + 9)).toBeUndefined();
      expect(await fences.restart(place, fence, start + 7)).toEqual(restarted);
      expect(await fences.read(place)).toEqual(restarted);
    });

    it('keeps what was put behind the fence meanwhile in mind', async () => {
      const fence = await close();
      await fences.touch(place);

      expect(await fences.restart(place, fence, start)).toMatchObject({ run: 2, version: 2 });
    });

    it('is none of an open fence', async () => {
      const fence = await close();
      await fences.open(place, fence);

      expect(await fences.restart(place, fence, start)).toBeUndefined();
    });
  });

  describe('overdue fences', () => {
    /** Times long before those of all other tests, and apart from those of earlier tests of this group. */
    const long = () => runs * 1000;
    const closeAt = async (name: string, at: number, direction: Direction = 'in') => {
      const its = { numberId: '1', customerId: `${id}.${name}`, direction };
      await fences.close(its, openFence, at);
      return its;
    };
    const overdue = async (before: number, limit = 100, direction: Direction = 'in') =>
      (await fences.listOverdue(direction, before, limit)).filter(({ customerId }) =>
        customerId.startsWith(id),
      );

    it('are listed oldest first, with what names them', async () => {
      await closeAt('b', long() + 20);
      await closeAt('a', long() + 10);
      await closeAt('c', long() + 30);

      expect(await overdue(long() + 30)).toEqual([
        {
          numberId: '1',
          customerId: `${id}.a`,
          direction: 'in',
          fence: { state: 'parked', run: 1, version: 1, nextAttemptAt: long() + 10 },
        },
        expect.objectContaining({ customerId: `${id}.b` }),
      ]);
    });

    it('are no more than asked for', async () => {
      for (const index of [3, 1, 2]) await closeAt(`n${index}`, -long() - 10 + index, 'out');

      const names = (await overdue(-long(), 2, 'out')).map(({ customerId }) => customerId);

      expect(names).toEqual([`${id}.n1`, `${id}.n2`]);
    });

    it('are those of one direction', async () => {
      await closeAt('a', long(), 'out');

      expect(await overdue(long() + 1)).toEqual([]);
      expect(await overdue(long() + 1, 100, 'out')).toHaveLength(1);
    });

    it('are none that wait for a later time by now, nor that have opened', async () => {
      const later = await closeAt('later', long());
      const opened = await closeAt('opened', long());
      await fences.schedule(later, 1, long() + 500);
      await fences.open(opened, await fences.read(opened));

      expect(await overdue(long() + 500)).toEqual([]);
      expect(await overdue(long() + 501)).toHaveLength(1);
    });
  });
}

/** What every memory of handles must do, whatever it is made of. */
export function describeFenceHandles(fresh: () => FenceHandles): void {
  it('a handle leads back to its fence, and an unknown one nowhere', async () => {
    const handles = fresh();
    const place = { numberId: '1', customerId: 'GB.1', direction: 'out' } as const;

    await handles.remember('handle-1', place);
    await handles.remember('handle-1', place);

    expect(await handles.find('handle-1')).toEqual(place);
    expect(await handles.find('handle-2')).toBeUndefined();
  });
}
