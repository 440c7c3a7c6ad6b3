// Meta repeats a webhook for seven days until it is answered 200. Door, worker and drain over stores in memory, and a
// clock that is set by hand.
import { acceptMetaWebhook } from '../../../lambdas/flows/accept-webhook.ts';
import { MemoryLedger } from '../../../simulation/stores/memory-ledger.ts';
import { aChange, aTextMessage, aWebhook } from '../../builders.ts';
import { MemoryQueue } from '../../fakes/outside-world.ts';
import { minuteMs } from '../../fakes/parking.ts';
import type { Scene } from './redelivery-scene.ts';
import { aScene, deliver, drain, failure, park, parkedKeys, recordOf, shown } from './redelivery-scene.ts';

const dayMs = 24 * 60 * minuteMs;
const almostSevenDaysMs = 7 * dayMs - minuteMs;

/** The webhook as Meta sends it, every time the same, through the door; answers what came into the queue. */
async function post(scene: Scene): Promise<string> {
  const message = aTextMessage({ id: 'm1', text: { body: 'm1' } });
  const queue = new MemoryQueue();
  const status = await acceptMetaWebhook(
    {
      bytes: Buffer.from(JSON.stringify(aWebhook(aChange({ messages: [message] })))),
      contentType: 'application/json',
      signature: 'signature',
      correlationId: 'correlation',
    },
    {
      ...scene,
      tenant: 'acme',
      verifier: { verify: async () => ({ webhookHash: 'a'.repeat(32) }) },
      pseudonyms: { openGroupIds: async () => () => 'group', hash: (text) => text },
      queue,
      receipts: new MemoryQueue(),
    },
  );
  expect(status).toBe(200);
  return queue.messages[0]?.body ?? '';
}

const ends: [string, (scene: Scene) => Promise<unknown>][] = [
  ['DELIVERED', async (scene) => deliver(scene, await post(scene))],
  [
    'FAILED',
    async (scene) => {
      scene.desk.answers.push(failure('provider-rejected'));
      await deliver(scene, await post(scene));
    },
  ],
  ['PARKED', async (scene) => park(scene, await post(scene))],
  [
    'EXPIRED',
    async (scene) => {
      await park(scene, await post(scene));
      scene.clock.at += 2 * dayMs;
      await drain(scene);
    },
  ],
];

describe('a webhook that comes again after 6 days, 23 hours and 59 minutes', () => {
  it.each(ends)('has no second effect when its message is %s', async (status, come) => {
    const scene = aScene();
    const { at } = scene.clock;
    await come(scene);
    const before = { shown: shown(scene), record: recordOf(scene, 'm1'), parked: await parkedKeys(scene) };
    expect(before.record?.status).toBe(status);

    scene.clock.at = at + almostSevenDaysMs;
    const again = await deliver(scene, await post(scene), { sequenceNumber: '8' });

    expect(again).toEqual({ state: 'done' });
    expect(shown(scene)).toEqual(before.shown);
    expect(recordOf(scene, 'm1')).toEqual(before.record);
    expect(await parkedKeys(scene)).toEqual(before.parked);
  });

  it('would be shown twice by a ledger that remembers six days only', async () => {
    const scene = { ...aScene(), ledger: new MemoryLedger(6) };
    await deliver(scene, await post(scene));

    scene.clock.at += almostSevenDaysMs;
    await deliver(scene, await post(scene), { sequenceNumber: '8' });

    expect(shown(scene)).toEqual(['m1', 'm1']);
  });
});
