import { BridgeError } from '../../../../lambdas/core/errors.ts';
import { createIsolation } from '../../../../lambdas/flows/isolation.ts';
import { minuteMs } from '../../../fakes/parking.ts';
import {
  anItem,
  aScene,
  deliver,
  drain,
  hear,
  parkedKeys,
  place,
  recordOf,
  refused,
  refusedWith,
  type Scene,
  texts,
  told,
} from './outbound-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = aScene();
  await hear(scene);
});

const later = (ms: number) => {
  scene.clock.at += ms;
};

/** The fence is closed, and opens as soon as somebody has put a message behind it. */
async function openWhenPut(): Promise<void> {
  const closed = await scene.fences.close(place, await scene.fences.read(place), 0);
  const put = scene.park.put.bind(scene.park);
  scene.park.put = async (item) => {
    await put(item);
    if (closed) await scene.fences.open(place, closed);
  };
}

describe('a reply that finds the fence opening', () => {
  it('goes out at once, and nothing of it stays in the park', async () => {
    await openWhenPut();

    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });

    expect(await parkedKeys(scene)).toEqual([]);
    expect(texts(scene)).toEqual(['text of g1']);
  });

  it('is not taken out of the park by a worker that comes too late: another one has parked it since', async () => {
    await openWhenPut();
    const touch = scene.fences.touch.bind(scene.fences);
    scene.fences.touch = async (at) => {
      scene.fences.touch = touch;
      const touched = await touch(at);
      // The first worker is frozen here; its claim runs out, and the record is received again while WhatsApp is away.
      later(2 * minuteMs);
      scene.messenger.answers.push(refused('provider-unavailable', { retryAfterMs: 2 * minuteMs }));
      await deliver({ ...scene, isolation: createIsolation() }, anItem(), { receiveCount: 2 });
      expect(recordOf(scene)).toMatchObject({ status: 'PARKED' });
      return touched;
    };
    await deliver(scene, anItem());

    expect(await drain(scene)).toMatchObject({ state: 'open' });
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED' });
  });

  it('is given back when the customer cannot be looked up once more, and comes again', async () => {
    await openWhenPut();
    const { peek } = scene.directory;
    let looks = 0;
    scene.directory.peek = async (...args) => {
      looks += 1;
      if (looks > 1) throw new BridgeError('store-unavailable', 'no');
      return peek.apply(scene.directory, args);
    };

    await expect(deliver(scene, anItem())).rejects.toMatchObject({ kind: 'store-unavailable' });
    expect(recordOf(scene)).toMatchObject({ status: 'INFLIGHT', leaseUntil: 0, tried: 0 });

    scene.directory.peek = peek;
    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });
    expect(texts(scene)).toEqual(['text of g1']);
  });

  it('is delivered even when its park item cannot be taken out again; the next drain clears it', async () => {
    await openWhenPut();
    const { remove } = scene.park;
    scene.park.remove = () => Promise.reject(new BridgeError('store-unavailable', 'no'));

    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });
    expect(scene.telemetry.problems.map(({ name }) => name)).toContain('park.remove-failed');

    scene.park.remove = remove;
    await scene.fences.close(place, await scene.fences.read(place), 0);
    expect(await drain(scene)).toMatchObject({ state: 'open' });
    expect(await parkedKeys(scene)).toEqual([]);
    expect(texts(scene)).toEqual(['text of g1']);
  });

  it('leaves nothing in the park when it is held in the queue and sent later', async () => {
    await openWhenPut();
    scene.messenger.answers.push(refused('provider-unavailable'));

    expect(await deliver(scene, anItem())).toMatchObject({ state: 'hold' });
    expect(await parkedKeys(scene)).toHaveLength(1);
    expect(await deliver(scene, anItem(), { receiveCount: 2 })).toEqual({ state: 'done' });

    expect(await parkedKeys(scene)).toEqual([]);
  });

  it('leaves nothing in the park when a later visit dies right after it was sent', async () => {
    await openWhenPut();
    scene.messenger.answers.push(refused('provider-unavailable'));
    await deliver(scene, anItem());
    const { remove } = scene.park;
    scene.park.remove = () => new Promise(() => undefined);
    void deliver(scene, anItem(), { receiveCount: 2 });
    await new Promise(setImmediate);
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED' });
    expect(await parkedKeys(scene)).toHaveLength(1);

    scene.park.remove = remove;
    const restarted = { ...scene, isolation: createIsolation() };
    expect(await deliver(restarted, anItem(), { receiveCount: 3 })).toEqual({ state: 'done' });

    expect(await parkedKeys(scene)).toEqual([]);
    expect(texts(scene)).toEqual(['text of g1', 'text of g1']);
  });

  it('comes again when it was to be parked anyway', async () => {
    await openWhenPut();

    expect(await deliver(scene, anItem(), { receiveCount: 15 })).toEqual({ state: 'hold', delayMs: 0 });
    expect(await deliver(scene, anItem(), { receiveCount: 16 })).toEqual({ state: 'done' });

    expect(recordOf(scene)).toMatchObject({ status: 'PARKED' });
    expect(texts(scene)).toEqual([]);
  });
});

it('a reply that was parked between a refused claim and the look at its record stays in the park', async () => {
  await deliver(scene, anItem(), { receiveCount: 15 });
  const claim = scene.ledger.claim.bind(scene.ledger);
  scene.ledger.claim = async (request) => {
    const record = scene.ledger.records.get(request.key);
    return record ? { won: false, record: { ...record } } : claim(request);
  };

  expect(await drain(scene)).toMatchObject({ state: 'waiting' });
  expect(await parkedKeys(scene)).toHaveLength(1);

  scene.ledger.claim = claim;
  expect(await drain(scene)).toMatchObject({ state: 'open' });
  expect(texts(scene)).toEqual(['text of g1']);
});

it('a verdict that came too late is not told: another worker has come further with the message since', async () => {
  const release = scene.ledger.release.bind(scene.ledger);
  scene.ledger.release = async (key, owner, outcome) => {
    scene.ledger.release = release;
    // The worker is frozen here; its claim runs out, and the one after it finds a send that nobody wrote down.
    later(scene.timing.leaseMs + 1);
    await deliver({ ...scene, isolation: createIsolation() }, anItem(), { receiveCount: 2 });
    await release(key, owner, outcome);
  };
  scene.messenger.answers.push(refusedWith(131026));

  expect(await deliver(scene, anItem())).toMatchObject({ state: 'hold' });

  expect(told(scene)).toEqual([]);
  expect(recordOf(scene)).toMatchObject({ status: 'INFLIGHT', tried: 1, leaseUntil: 0 });
});
