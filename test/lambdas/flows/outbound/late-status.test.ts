import { outboundKey } from '../../../../lambdas/core/model/ledger-record.ts';
import { toStatusEntry } from '../../../../lambdas/core/policy/receipt-lattice.ts';
import { minuteMs } from '../../../fakes/parking.ts';
import { failure } from '../redelivery-scene.ts';
import {
  aBody,
  anItem,
  aScene,
  deliver,
  drain,
  hear,
  hearStatus,
  place,
  receive,
  recordOf,
  type Scene,
  texts,
  told,
  unknown,
} from './outbound-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = aScene();
  await hear(scene);
  scene.messenger.answers.push(unknown);
});

const later = (ms: number) => {
  scene.clock.at += ms;
};

/** The message waits until nobody can expect a status any more. */
async function giveUpWaiting(): Promise<void> {
  await deliver(scene, anItem());
  later(minuteMs);
  await deliver(scene, anItem());
  later(15 * minuteMs);
  await drain(scene);
}

/** An operator has the message delivered after all. */
async function replay(): Promise<void> {
  await scene.park.put({
    ...place,
    sequence: '00000000000000000007.00000',
    replay: 'R1',
    key: outboundKey('1', 'g1'),
    acceptedAt: scene.clock.now(),
    parkedAt: scene.clock.now(),
    reason: 'replay',
    attempts: 0,
    body: aBody(scene, [anItem()], { replay: { number: 'R1' } }),
  });
  await scene.fences.close(place, await scene.fences.read(place), 0);
  expect(await drain(scene)).toMatchObject({ state: 'open' });
}

describe('a status that comes after its message was given up', () => {
  it('keeps a replay from sending it once more: it is known to have gone out', async () => {
    await giveUpWaiting();
    expect(recordOf(scene)).toMatchObject({ status: 'FAILED', reason: 'GeneralError:fate-unknown' });
    await hearStatus(scene, 'g1');

    await replay();

    expect(texts(scene)).toEqual(['text of g1']);
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED' });
  });

  it('does not keep a replay from sending it when it says that the message did not arrive', async () => {
    await giveUpWaiting();
    const entry = toStatusEntry(0, 'failed', 131026);
    await scene.receipts.addStatus(outboundKey('1', 'g1'), { part: 0, entry, wamid: 'wamid.lost' });

    await replay();

    expect(texts(scene)).toEqual(['text of g1', 'text of g1']);
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED' });
  });

  it('has the last word while the desk could not be told that its fate is unknown', async () => {
    scene.deskReceipts.answers.push(failure('provider-unavailable'));
    await giveUpWaiting();
    expect(recordOf(scene)).toMatchObject({ status: 'PARKED', refusal: 'GeneralError:fate-unknown' });
    await hearStatus(scene, 'g1');
    scene.deskReceipts.told.length = 0;

    expect(await drain(scene)).toMatchObject({ state: 'open' });

    expect(told(scene)).toEqual([]);
    expect(texts(scene)).toEqual(['text of g1']);
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED' });
  });
});

describe('a send whose outcome is unknown', () => {
  it('is proven by its status while the number is suspended, and the parts after it are held', async () => {
    const text = `${'a'.repeat(4000)} ${'b'.repeat(4000)}`;
    const twoParts = anItem({ message: { type: 'Text', text } });
    await deliver(scene, twoParts);
    await hearStatus(scene, 'g1');
    scene.numbers.set('1', { suspended: true });

    expect(await deliver(scene, twoParts)).toEqual({ state: 'done' });

    expect(texts(scene)).toHaveLength(1);
    expect(recordOf(scene)).toMatchObject({ status: 'HELD', sending: { partsDone: 1 } });
  });

  it('keeps its customer waiting no longer than a status may take, however long the outage before it was', async () => {
    await deliver(scene, anItem(), { receiveCount: 15 });
    const attempt = 5;

    const first = await drain(scene, { attempt });
    expect(first).toMatchObject({ state: 'waiting', attempt, waitSeconds: expect.any(Number) });
    expect(first.waitSeconds).toBeLessThanOrEqual(60);

    const sentAt = scene.clock.now();
    let answer = first;
    while (answer.state === 'waiting') {
      later(answer.waitSeconds * 1000);
      answer = await drain(scene, { attempt: answer.attempt });
    }
    expect(answer.state).toBe('open');
    expect(scene.clock.now() - sentAt).toBe(15 * minuteMs);
  });
});

describe('a message of which everything went out', () => {
  beforeEach(() => {
    scene.messenger.answers.length = 0;
  });

  it('is settled although its worker died again and again while it was written down', async () => {
    const settle = scene.ledger.settle.bind(scene.ledger);
    scene.ledger.settle = () => Promise.reject(new Error('died'));
    for (let deaths = 0; deaths < 4; deaths += 1) {
      await deliver(scene, anItem()).catch(() => undefined);
      later(5 * minuteMs);
    }
    scene.ledger.settle = settle;

    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });

    expect(texts(scene)).toEqual(['text of g1']);
    expect(told(scene)).toEqual([]);
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED' });
  });

  it('is settled although nobody knows any more how to reach the customer', async () => {
    const settle = scene.ledger.settle.bind(scene.ledger);
    scene.ledger.settle = () => Promise.reject(new Error('died'));
    await deliver(scene, anItem()).catch(() => undefined);
    scene.ledger.settle = settle;
    later(5 * minuteMs);
    await scene.directory.dispute('1', anItem().to, scene.clock.now());

    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });

    expect(told(scene)).toEqual([]);
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED' });
  });
});

describe('a message that comes to its horizon while it waits for a status', () => {
  it('waits for it all the same, since it may have gone out', async () => {
    const body = aBody(scene, [anItem()], { receivedAt: scene.clock.now() - 24 * 60 * minuteMs + 90_000 });
    await receive(scene, body);
    later(minuteMs);
    await receive(scene, body);
    later(minuteMs);

    expect(await drain(scene)).toMatchObject({ state: 'waiting' });
    expect(recordOf(scene)).toMatchObject({ status: 'PARKED', tried: 1 });
    expect(told(scene)).toEqual([]);

    await hearStatus(scene, 'g1');
    expect(await drain(scene)).toMatchObject({ state: 'open' });
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED' });
    expect(texts(scene)).toEqual(['text of g1']);
  });
});
