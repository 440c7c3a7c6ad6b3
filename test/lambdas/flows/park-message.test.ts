import { BridgeError } from '../../../lambdas/core/errors.ts';
import { openFence } from '../../../lambdas/core/model/fence.ts';
import type { MessageToPark } from '../../../lambdas/flows/park-message.ts';
import { parkMessage } from '../../../lambdas/flows/park-message.ts';
import { aClaimRequest } from '../../builders.ts';
import { minuteMs } from '../../fakes/parking.ts';
import type { Scene } from './redelivery-scene.ts';
import { aScene, fence, parkedKeys, place } from './redelivery-scene.ts';

const key = 'IN#1#w1';

/** Writes the names of the calls into the list it answers. */
function watchCalls(scene: Scene): string[] {
  const calls: string[] = [];
  const watch = <T extends object>(name: string, port: T, ...methods: (keyof T & string)[]) => {
    for (const method of methods) {
      const original: unknown = Reflect.get(port, method);
      if (typeof original !== 'function') throw new Error(`${name} has no ${method}`);
      Reflect.set(port, method, (...args: unknown[]) => {
        calls.push(`${name}.${method}`);
        return Reflect.apply(original, port, args);
      });
    }
  };
  watch('park', scene.park, 'put', 'remove', 'list', 'listHeads');
  watch('fences', scene.fences, 'read', 'close', 'touch', 'open');
  watch('ledger', scene.ledger, 'park');
  watch('runs', scene.runs, 'start');
  return calls;
}

async function aMessage(scene: Scene, over: Partial<MessageToPark> = {}): Promise<MessageToPark> {
  await scene.ledger.claim(aClaimRequest({ key, owner: 'me' }));
  return {
    place,
    fence: openFence,
    key,
    sequence: '7.0',
    reason: 'provider-unavailable',
    attempts: 3,
    envelope: { receivedAt: 1000, rawKey: 'raw/acme/2026-11-20/1-aa.json', correlationId: 'corr-1' },
    claim: { owner: 'me', keepTried: false, crashes: 0 },
    ...over,
  };
}

describe('a message that is parked', () => {
  it('is put into the park, then the fence closes, then the ledger says so, then a run starts', async () => {
    const scene = aScene();
    const message = await aMessage(scene);
    const calls = watchCalls(scene);

    expect(await parkMessage(message, scene)).toMatchObject({ state: 'parked' });

    expect(calls).toEqual(['park.put', 'fences.close', 'ledger.park', 'runs.start']);
    expect(scene.runs.started).toEqual([{ ...place, run: 1, delaySeconds: 60 }]);
    expect(scene.ledger.records.get(key)).toMatchObject({ status: 'PARKED', reason: 'provider-unavailable' });
    expect(await fence(scene)).toEqual({
      state: 'parked',
      run: 1,
      version: 1,
      nextAttemptAt: scene.clock.now() + minuteMs,
    });
    expect(await scene.park.list(place, 2)).toEqual([
      {
        ...place,
        sequence: '7.0',
        replay: '',
        key,
        acceptedAt: 1000,
        parkedAt: scene.clock.now(),
        reason: 'provider-unavailable',
        attempts: 3,
        body: JSON.stringify(message.envelope),
      },
    ]);
    expect(scene.telemetry.counters).toEqual({ MessagesParked: 1, FencesClosed: 1 });
  });

  it('is counted although its run could not be started: its record says PARKED, and the sweep starts one', async () => {
    const scene = aScene();
    const message = await aMessage(scene);
    scene.runs.start = () => Promise.reject(new BridgeError('store-unavailable', 'no'));

    await expect(parkMessage(message, scene)).rejects.toMatchObject({ kind: 'store-unavailable' });

    expect(scene.ledger.records.get(key)).toMatchObject({ status: 'PARKED' });
    expect(scene.telemetry.counters).toEqual({ MessagesParked: 1, FencesClosed: 1 });
  });

  it('behind a closed fence is told to the fence, and no run is started for it', async () => {
    const scene = aScene();
    const closed = await scene.fences.close(place, openFence, 5);
    const message = await aMessage(scene, { fence: closed ?? openFence });
    const calls = watchCalls(scene);

    expect(await parkMessage(message, scene)).toMatchObject({ state: 'parked' });

    expect(calls).toEqual(['park.put', 'fences.touch', 'ledger.park']);
    expect(await fence(scene)).toEqual({ state: 'parked', run: 1, version: 2, nextAttemptAt: 5 });
  });

  it('after a crash starts the run again, which the crash may have left unstarted', async () => {
    const scene = aScene();
    const closed = await scene.fences.close(place, openFence, 5);
    const claim = { owner: 'me', keepTried: false, crashes: 1 };

    await parkMessage(await aMessage(scene, { fence: closed ?? openFence, claim }), scene);

    expect(scene.runs.started).toEqual([{ ...place, run: 1, delaySeconds: 60 }]);
  });

  it('is told when the fence it was to wait behind has opened, and is not PARKED then', async () => {
    const scene = aScene();
    const seen = { ...openFence, state: 'parked', run: 1, version: 1 } as const;

    expect(await parkMessage(await aMessage(scene, { fence: seen }), scene)).toMatchObject({
      state: 'reopened',
      item: { key },
    });

    expect(scene.ledger.records.get(key)).toMatchObject({ status: 'INFLIGHT' });
    expect(scene.runs.started).toEqual([]);
    expect(await parkedKeys(scene)).toEqual([key]);
  });

  it('takes a fence that somebody closed meanwhile as it is, and may start its run a second time', async () => {
    const scene = aScene();
    await scene.fences.close(place, openFence, 5);

    expect(await parkMessage(await aMessage(scene), scene)).toMatchObject({ state: 'parked' });

    expect(await fence(scene)).toMatchObject({ state: 'parked', run: 1, version: 2 });
    expect(scene.runs.started).toMatchObject([{ run: 1 }]);
  });

  it('closes the fence anew when it was closed and opened meanwhile, since it could not be delivered', async () => {
    const scene = aScene();
    const closed = await scene.fences.close(place, openFence, 5);
    await scene.fences.open(place, closed ?? openFence);

    expect(await parkMessage(await aMessage(scene), scene)).toMatchObject({ state: 'parked' });

    expect(await fence(scene)).toMatchObject({ state: 'parked', run: 2, version: 3 });
    expect(scene.runs.started).toMatchObject([{ run: 2 }]);
  });

  it('gives up on a fence that changes under every write, and comes again', async () => {
    const scene = aScene();
    scene.fences.close = async () => undefined;

    await expect(parkMessage(await aMessage(scene), scene)).rejects.toMatchObject({
      kind: 'store-unavailable',
    });

    expect(scene.ledger.records.get(key)).toMatchObject({ status: 'INFLIGHT' });
  });

  it('whose POST may have had an effect stays marked as tried', async () => {
    const scene = aScene();
    const message = await aMessage(scene);

    await parkMessage({ ...message, claim: { owner: 'me', keepTried: true, crashes: 0 } }, scene);

    expect(scene.ledger.records.get(key)).toMatchObject({ status: 'PARKED', tried: 1 });
  });

  it('that somebody else holds is put into the park without a word in the ledger', async () => {
    const scene = aScene();
    const { claim: _claim, ...message } = await aMessage(scene);

    await parkMessage(message, scene);

    expect(await parkedKeys(scene)).toEqual([key]);
    expect(scene.ledger.records.get(key)).toMatchObject({ status: 'INFLIGHT', owner: 'me' });
  });

  it('is not PARKED by a claim that somebody took over', async () => {
    const scene = aScene();
    const message = await aMessage(scene);

    await parkMessage({ ...message, claim: { owner: 'late', keepTried: false, crashes: 0 } }, scene);

    expect(scene.ledger.records.get(key)).toMatchObject({ status: 'INFLIGHT', owner: 'me' });
  });

  it('is checked in when it is too large for a park item, always under the same name', async () => {
    const scene = aScene();
    const message = await aMessage(scene);
    const envelope = { ...message.envelope, items: ['x'.repeat(300_000)] };

    await parkMessage({ ...message, envelope }, scene);
    await parkMessage({ ...message, envelope }, scene);

    const claimCheck = 'claims/acme/2026-11-20/1-aa-7.0.json';
    const [item] = await scene.park.list(place, 2);
    expect(JSON.parse(item?.body ?? '')).toEqual({ v: 1, claimCheck, correlationId: 'corr-1' });
    expect([...scene.archive.objects.keys()]).toEqual([claimCheck]);
    expect(new TextDecoder().decode(scene.archive.objects.get(claimCheck))).toBe(JSON.stringify(envelope));
  });

  it('keeps the number of the replay that brought it, and its horizon counts from then', async () => {
    const scene = aScene();
    const message = await aMessage(scene);

    const { item } = await parkMessage(
      { ...message, envelope: { ...message.envelope, replay: { number: 'r1' } } },
      scene,
    );

    expect(item).toMatchObject({ replay: 'r1', acceptedAt: scene.clock.now() });
  });
});
