import { createTurns } from '../../../../lambdas/flows/outbound/turns.ts';

it('runs a few at once, the others in their order, whatever becomes of those before', async () => {
  const takeTurn = createTurns(2);
  const started: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const acts = ends.map(({ promise }, index) =>
    takeTurn(async () => {
      started.push(index);
      await promise;
      return index;
    }),
  );
  await new Promise(setImmediate);
  expect(started).toEqual([0, 1]);

  const failed = expect(acts[1]).rejects.toThrow('no');
  ends[1]?.reject(new Error('no'));
  await failed;
  expect(started).toEqual([0, 1, 2]);

  for (const { resolve } of ends) resolve();
  await expect(Promise.all([acts[0], acts[2], acts[3], acts[4]])).resolves.toEqual([0, 2, 3, 4]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
});
