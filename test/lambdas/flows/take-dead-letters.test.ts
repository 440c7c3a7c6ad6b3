import { createHash } from 'node:crypto';
import { BridgeError } from '../../../lambdas/core/errors.ts';
import { deliverInbound } from '../../../lambdas/flows/deliver-inbound.ts';
import { takeDeadLetter } from '../../../lambdas/flows/take-dead-letters.ts';
import type { Scene } from './redelivery-scene.ts';
import {
  aRecord,
  aScene,
  deliver,
  down,
  drain,
  failure,
  fence,
  park,
  parkedKeys,
  recordOf,
  shown,
} from './redelivery-scene.ts';

const done = { state: 'done' };

function take(
  scene: Scene & { outbound?: string[] },
  body: string,
  { sequenceNumber = '7', receiveCount = 1 } = {},
) {
  const deadlineAt = scene.clock.now() + 100_000;
  return takeDeadLetter(
    { body, sequenceNumber, receiveCount, deadlineAt },
    {
      ...scene,
      tenant: 'acme',
      hash: (text) => createHash('sha1').update(text).digest('hex'),
      parkRecord: {
        in: (record) => deliverInbound(record, scene, 'dead-letter'),
        out: async (record) => {
          scene.outbound?.push(record.body);
          return { state: 'done' };
        },
      },
    },
  );
}

const acceptedAt = (scene: Scene, id: string) => String(recordOf(scene, id)?.acceptedAt);

describe('a dead letter', () => {
  it('nobody has claimed is parked by the time of its acceptance, all of it, and delivered from there', async () => {
    const scene = aScene();

    expect(await take(scene, aRecord(scene, ['w1', 'w2']))).toEqual(done);

    expect(shown(scene)).toEqual([]);
    expect(await parkedKeys(scene)).toEqual(['IN#1#w1', 'IN#1#w2']);
    expect(recordOf(scene, 'w1')).toMatchObject({
      status: 'PARKED',
      reason: 'dead-letter',
      sequence: `00000000000000000000.${acceptedAt(scene, 'w1')}.00000000000000000007.00000`,
    });
    expect(scene.telemetry.counters).toMatchObject({ DeadLetters: 1, MessagesParked: 2 });
    expect(scene.runs.started).toHaveLength(1);

    await drain(scene);
    expect(shown(scene)).toEqual(['w1', 'w2']);
  });

  it('nobody has claimed comes before what the worker takes up after it, whatever its number among the dead', async () => {
    const scene = aScene();
    const [first, second] = [aRecord(scene, ['w1']), aRecord(scene, ['w2'])];

    await take(scene, second, { sequenceNumber: '901' });
    await take(scene, first, { sequenceNumber: '900' });
    await deliver(scene, aRecord(scene, ['w3']), { sequenceNumber: '8' });
    await drain(scene);

    expect(shown(scene)).toEqual(['w1', 'w2', 'w3']);
  });

  it('nobody has claimed comes after what was parked before it was accepted', async () => {
    const scene = aScene();
    await park(scene, aRecord(scene, ['w1']), '7');
    scene.clock.at += 1000;
    const body = aRecord(scene, ['w2']);
    scene.clock.at += 1000;
    await deliver(scene, aRecord(scene, ['w3']), { sequenceNumber: '9' });
    scene.desk.shown.length = 0;

    await take(scene, body, { sequenceNumber: '900' });
    await take(scene, body, { sequenceNumber: '900', receiveCount: 2 });
    await drain(scene);

    expect(shown(scene)).toEqual(['w1', 'w2', 'w3']);
    expect(await parkedKeys(scene)).toEqual([]);
  });

  it('is parked under the order it was accepted in, not the one it has among the dead letters', async () => {
    const scene = aScene();
    const body = aRecord(scene, ['w1']);
    scene.desk.answers.push(down);
    await deliver(scene, body, { sequenceNumber: '7' });
    await park(scene, aRecord(scene, ['w2']), '8');
    scene.desk.shown.length = 0;

    await take(scene, body, { sequenceNumber: '900' });
    await drain(scene);

    expect(shown(scene)).toEqual(['w1', 'w2']);
  });

  it.each(['DELIVERED', 'FAILED', 'EXPIRED', 'HELD', 'QUARANTINED', 'ERASED', 'PARKED'] as const)(
    'that is %s in the ledger is not parked',
    async (status) => {
      const scene = aScene();
      const body = aRecord(scene, ['w1']);
      await deliver(scene, body);
      const record = recordOf(scene, 'w1');
      if (record) record.status = status;

      expect(await take(scene, body)).toEqual(done);

      expect(await parkedKeys(scene)).toEqual([]);
      expect(await fence(scene)).toMatchObject({ state: 'open' });
      expect(recordOf(scene, 'w1')).toMatchObject({ status });
    },
  );

  it('is counted once it is taken, whatever SQS counts: its receives in the other queue may be among them', async () => {
    const scene = aScene();
    const body = aRecord(scene, ['w1']);
    const put = scene.park.put.bind(scene.park);
    scene.park.put = () => Promise.reject(new BridgeError('store-unavailable', 'park put failed'));

    await expect(take(scene, body, { receiveCount: 21 })).rejects.toMatchObject({
      kind: 'store-unavailable',
    });
    expect(scene.telemetry.counters).not.toHaveProperty('DeadLetters');
    scene.park.put = put;
    expect(await take(scene, body, { receiveCount: 22 })).toEqual(done);

    expect(scene.telemetry.counters).toMatchObject({ DeadLetters: 1 });
  });

  it('that crashes whoever touches it does not bounce for ever: its crashes go on counting in the park', async () => {
    const scene = aScene();
    const body = aRecord(scene, ['w1']);
    const crash = () => new Promise<never>(() => undefined);
    scene.desk.answers.push(crash, crash, crash);
    void deliver({ ...scene, isolation: aScene().isolation }, body);
    await new Promise(setImmediate);
    scene.clock.at += scene.timing.leaseMs;
    await take({ ...scene, isolation: aScene().isolation }, body);
    for (let crashes = 0; crashes < 2; crashes += 1) {
      void drain({ ...scene, isolation: aScene().isolation });
      await new Promise(setImmediate);
      scene.clock.at += scene.timing.leaseMs;
    }

    await drain({ ...scene, isolation: aScene().isolation });

    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'FAILED', reason: 'poison' });
    expect(shown(scene).at(-1)).toBe('[A message of the customer could not be processed]');
  });

  it('waits in its queue when its claim check cannot be read', async () => {
    await expect(take(aScene(), '{"v":1,"claimCheck":"claims/x.json"}')).rejects.toMatchObject({
      kind: 'store-unavailable',
    });
  });

  it('whose fence opens meanwhile closes it anew rather than delivering', async () => {
    const scene = aScene();
    await park(scene, aRecord(scene, ['w1']));
    const put = scene.park.put.bind(scene.park);
    scene.park.put = async (item) => {
      scene.park.put = put;
      await drain(scene);
      await put(item);
    };
    const body = aRecord(scene, ['w2']);

    expect(await take(scene, body)).toEqual({ state: 'hold', delayMs: 0 });
    expect(await take(scene, body)).toEqual(done);

    expect(await parkedKeys(scene)).toEqual(['IN#1#w2']);
    expect(await fence(scene)).toMatchObject({ state: 'parked', run: 2 });
  });
});

it('a dead letter on its way to a customer goes to the park of that direction', async () => {
  const scene = { ...aScene(), outbound: [] };
  const body = JSON.stringify({ ...JSON.parse(aRecord(scene, ['g1'])), channel: 'genesys' });

  expect(await take(scene, body)).toEqual(done);

  expect(scene.outbound).toEqual([body]);
  expect(await parkedKeys(scene)).toEqual([]);
});

describe('a dead letter that nobody can read', () => {
  it('is kept in the archive and FAILED in the ledger, once', async () => {
    const scene = aScene();

    expect(await take(scene, 'not JSON')).toEqual(done);
    expect(await take(scene, 'not JSON', { receiveCount: 2 })).toEqual(done);

    const [[rawKey, bytes] = []] = [...scene.archive.objects];
    expect(scene.archive.objects.size).toBe(1);
    expect(new TextDecoder().decode(bytes)).toBe('not JSON');
    expect([...scene.ledger.records.values()]).toMatchObject([
      { status: 'FAILED', reason: 'unreadable', rawKey, numberId: '', attempts: 1 },
    ]);
    expect(scene.telemetry.counters).toEqual({ DeadLetters: 1, 'Messages.FAILED': 1 });
  });

  it('comes again when it could not be kept', async () => {
    const scene = aScene();
    scene.archive.broken.push('unreadable/');

    await expect(take(scene, '{"v":9}')).rejects.toMatchObject({ kind: 'store-unavailable' });

    expect(scene.ledger.records.size).toBe(0);
  });
});

it('a dead letter in the middle of an outage waits its turn like everything else', async () => {
  const scene = aScene();
  await park(scene, aRecord(scene, ['w1']), '7');
  scene.desk.shown.length = 0;
  await take(scene, aRecord(scene, ['w2']), { sequenceNumber: '8' });
  scene.desk.answers.push(failure('provider-unavailable'));

  expect(await drain(scene)).toMatchObject({ state: 'waiting' });
  await drain(scene);

  expect(shown(scene)).toEqual(['w1', 'w1', 'w2']);
});
