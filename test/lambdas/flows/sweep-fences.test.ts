import { BridgeError } from '../../../lambdas/core/errors.ts';
import { openFence } from '../../../lambdas/core/model/fence.ts';
import { overdueGraceMs } from '../../../lambdas/core/policy/redelivery.ts';
import { sweepFences } from '../../../lambdas/flows/sweep-fences.ts';
import type { Scene } from './redelivery-scene.ts';
import { aRecord, aScene, dieAfter, drain, fence, park, place, shown } from './redelivery-scene.ts';

const other = { ...place, customerId: 'GB.2', direction: 'out' } as const;

/** Two closed fences, of either direction, whose runs should try now. */
async function aSceneWithTwoFences(): Promise<Scene & { graceMs: number }> {
  const scene = aScene();
  for (const at of [place, other]) await scene.fences.close(at, openFence, scene.clock.now());
  return { ...scene, graceMs: overdueGraceMs(scene.redelivery) };
}

describe('the sweep', () => {
  it('starts the next run of every fence whose attempt is overdue, at once', async () => {
    const scene = await aSceneWithTwoFences();
    scene.clock.at += scene.graceMs + 1;

    await sweepFences(scene);

    expect(scene.runs.started).toEqual([
      { ...place, run: 2, delaySeconds: 0 },
      { ...other, run: 2, delaySeconds: 0 },
    ]);
    expect(await fence(scene)).toMatchObject({ state: 'parked', run: 2, nextAttemptAt: scene.clock.now() });
    expect(scene.telemetry.counters).toEqual({ FencesOpenOverdue: 2 });
  });

  it('leaves those alone that are still waiting, and those it has just started', async () => {
    const scene = await aSceneWithTwoFences();
    await sweepFences(scene);
    scene.clock.at += scene.graceMs;
    await sweepFences(scene);
    expect(scene.runs.started).toEqual([]);

    scene.clock.at += 1;
    await sweepFences(scene);
    await sweepFences(scene);

    expect(scene.runs.started).toHaveLength(2);
  });

  it('starts nothing when somebody else was faster or the fence has opened', async () => {
    const scene = await aSceneWithTwoFences();
    scene.clock.at += scene.graceMs + 1;
    const overdue = await scene.fences.listOverdue('in', scene.clock.now(), 10);
    scene.fences.listOverdue = async (direction) => (direction === 'in' ? overdue : []);
    await scene.fences.open(place, await fence(scene));

    await sweepFences(scene);

    expect(scene.runs.started).toEqual([]);
  });

  it('tries all of them when one cannot be started, and says so', async () => {
    const scene = await aSceneWithTwoFences();
    scene.clock.at += scene.graceMs + 1;
    const { runs } = aScene();
    const broken = {
      ...scene,
      runs: {
        start: async (order: Parameters<typeof runs.start>[0]) => {
          if (order.direction === 'in') throw new BridgeError('store-unavailable', 'start failed');
          await runs.start(order);
        },
      },
    };

    await expect(sweepFences(broken)).rejects.toMatchObject({ kind: 'store-unavailable' });
    expect(runs.started).toHaveLength(1);

    // The one that was not started is overdue again after its grace.
    scene.clock.at += scene.graceMs + 1;
    await sweepFences(scene);
    expect(scene.runs.started).toMatchObject([{ run: 3 }, { run: 3 }]);
  });

  it('finds the fence whose worker died before it could start the run', async () => {
    const scene = aScene();
    const body = aRecord(scene, ['w1']);
    const death = dieAfter(scene.ledger, 'park');
    void park(scene, body);
    await death;
    scene.clock.at += overdueGraceMs(scene.redelivery) + 120_000;

    await sweepFences(scene);

    expect(scene.runs.started).toEqual([{ ...place, run: 2, delaySeconds: 0 }]);
    expect(await drain({ ...scene, isolation: aScene().isolation })).toMatchObject({ state: 'open' });
    expect(shown(scene)).toEqual(['w1', 'w1']);
  });
});
