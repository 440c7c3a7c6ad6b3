// The worker at the customer's fence: what is parked, what is not, and that nothing is lost or overtaken by a crash.
import { BridgeError } from '../../../lambdas/core/errors.ts';
import { openFence } from '../../../lambdas/core/model/fence.ts';
import { minuteMs } from '../../fakes/parking.ts';
import type { Scene } from './redelivery-scene.ts';
import {
  aRecord,
  aScene,
  deliver,
  dieAfter,
  down,
  drain,
  failure,
  fence,
  park,
  parkedKeys,
  place,
  recordOf,
  shown,
} from './redelivery-scene.ts';

const done = { state: 'done' };

describe('a message at an open fence', () => {
  it('is delivered without a single call for the fence: the profile says that it is open', async () => {
    const scene = aScene();
    for (const port of [scene.fences, scene.park, scene.runs])
      for (const method of Object.getOwnPropertyNames(Object.getPrototypeOf(port)))
        if (method !== 'constructor')
          Reflect.set(port, method, () => Promise.reject(new Error(`${method} was called`)));

    expect(await deliver(scene, aRecord(scene, ['w1', 'w2']))).toEqual(done);

    expect(shown(scene)).toEqual(['w1', 'w2']);
  });

  it('is held while its trouble is short, and parked once the next try would come too late', async () => {
    const scene = aScene();
    const body = aRecord(scene, ['w1']);
    const outcomes: string[] = [];
    for (;;) {
      scene.desk.answers.push(down);
      const outcome = await deliver(scene, body);
      outcomes.push(outcome.state);
      if (outcome.state === 'done') break;
      scene.clock.at += outcome.delayMs;
    }

    // After 1.5, 3, 6, 12 and 24 s; the next try would have been 91.5 s after the first.
    expect(outcomes).toEqual(['hold', 'hold', 'hold', 'hold', 'hold', 'done']);
    expect(recordOf(scene, 'w1')).toMatchObject({
      status: 'PARKED',
      reason: 'provider-unavailable',
      tried: 0,
      leaseUntil: 0,
      attempts: 6,
    });
    expect(await fence(scene)).toMatchObject({ state: 'parked', run: 1 });
    expect(scene.runs.started).toEqual([{ ...place, run: 1, delaySeconds: 60 }]);
  });

  it('whose outcome is unknown stays marked as tried when it is parked', async () => {
    const scene = aScene();
    scene.desk.answers.push(failure('delivery-unknown', 'unknown', { retryAfterMs: 2 * minuteMs }));

    await deliver(scene, aRecord(scene, ['w1']));
    await drain(scene);

    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'DELIVERED', ambiguous: 1 });
  });

  it('is never parked for waiting for the allowance of Genesys, however long that takes', async () => {
    const scene = aScene();
    const body = aRecord(scene, ['w1']);
    scene.gate.enter = async () => ({ open: false, delayMs: 90_000, reason: 'pace' }) as never;
    expect(await deliver(scene, body)).toEqual({ state: 'hold', delayMs: 90_000 });
    Reflect.deleteProperty(scene.gate, 'enter');
    scene.desk.answers.push(failure('throttled', 'none', { retryAfterMs: 2 * minuteMs }));

    expect(await deliver(scene, body)).toMatchObject({ state: 'hold' });

    expect(await parkedKeys(scene)).toEqual([]);
  });

  it('is parked without being tried when the desk is known to be in trouble for longer than that', async () => {
    const scene = aScene();
    const body = aRecord(scene, ['w1']);
    scene.gate.closedFor.push(minuteMs, minuteMs);
    expect(await deliver(scene, body)).toEqual({ state: 'hold', delayMs: minuteMs });
    scene.clock.at += 1;

    expect(await deliver(scene, body)).toEqual(done);

    expect(shown(scene)).toEqual([]);
    expect(recordOf(scene, 'w1')).toMatchObject({
      status: 'PARKED',
      reason: 'circuit',
      tried: 0,
      ambiguous: 0,
    });
  });
});

describe('a message at a closed fence', () => {
  it('waits behind it with all that follows in its record, without being shown', async () => {
    const scene = aScene();
    await park(scene, aRecord(scene, ['w1', 'w2']), '7');

    await deliver(scene, aRecord(scene, ['w3', 'w4']), { sequenceNumber: '8' });

    expect(shown(scene)).toEqual(['w1']);
    expect(await parkedKeys(scene)).toEqual(['IN#1#w1', 'IN#1#w2', 'IN#1#w3', 'IN#1#w4']);
    expect(['w1', 'w2', 'w3', 'w4'].map((id) => recordOf(scene, id)?.status)).toEqual(
      Array(4).fill('PARKED'),
    );
    expect(recordOf(scene, 'w3')).toMatchObject({ reason: 'behind-fence', tried: 0 });
    expect(await fence(scene)).toMatchObject({ run: 1, version: 4 });
    expect(scene.runs.started).toHaveLength(1);
  });

  it('does not stop the wishes about marketing messages in its record', async () => {
    const scene = aScene();
    const envelope = JSON.parse(aRecord(scene, ['w1', 'w2']));
    envelope.items.splice(1, 0, { id: 'p', kind: 'preference', phone: '44', message: { value: 'stop' } });

    await park(scene, JSON.stringify(envelope));

    expect(scene.telemetry.counters.PreferencesUnknown).toBe(1);
    expect(await parkedKeys(scene)).toHaveLength(2);
  });

  it('stops echoes of the WhatsApp app as well: they keep their place among the messages', async () => {
    const scene = aScene();
    await deliver(scene, aRecord(scene, ['w0']), { sequenceNumber: '6' });
    await park(scene, aRecord(scene, ['w1']), '7');
    const envelope = JSON.parse(aRecord(scene, ['e1']));
    envelope.items[0].kind = 'echo';

    await deliver(scene, JSON.stringify(envelope), { sequenceNumber: '8' });
    expect(await parkedKeys(scene)).toEqual(['IN#1#w1', 'IN#1#e1']);
    await drain(scene);

    expect(shown(scene)).toEqual(['w0', 'w1', 'w1', '[Sent from the WhatsApp app]\ne1']);
  });

  it('does not hold up other customers', async () => {
    const scene = aScene();
    await park(scene, aRecord(scene, ['w1']));
    const envelope = JSON.parse(aRecord(scene, ['w2']));
    envelope.items[0].phone = '447700900002';

    expect(await deliver(scene, JSON.stringify(envelope), { sequenceNumber: '8' })).toEqual(done);

    expect(shown(scene)).toEqual(['w1', 'w2']);
  });

  it('is parked in the order of its first acceptance when its webhook is repeated', async () => {
    const scene = aScene();
    scene.desk.answers.push(down);
    await deliver(scene, aRecord(scene, ['w1']), { sequenceNumber: '7' });
    await park(scene, aRecord(scene, ['w2']), '8');

    await deliver(scene, aRecord(scene, ['w1']), { sequenceNumber: '9' });

    expect(await parkedKeys(scene)).toEqual(['IN#1#w1', 'IN#1#w2']);
  });

  it('that opens at that moment is delivered, and nothing of it stays in the park', async () => {
    const scene = aScene();
    await park(scene, aRecord(scene, ['w1']));
    await drain(scene);
    const seen = { ...(await fence(scene)), state: 'parked' } as const;
    const touch = scene.directory.touch.bind(scene.directory);
    scene.directory.touch = async (...args) => {
      scene.directory.touch = touch;
      const profile = await touch(...args);
      return { ...profile, fences: { in: seen, out: openFence } };
    };

    expect(await deliver(scene, aRecord(scene, ['w2']), { sequenceNumber: '8' })).toEqual(done);

    expect(shown(scene)).toEqual(['w1', 'w1', 'w2']);
    expect(await parkedKeys(scene)).toEqual([]);
    expect(await fence(scene)).toMatchObject({ state: 'open' });
  });

  describe('that opened in between', () => {
    /** The worker has read the fence as closed; then a drain opens it. */
    async function aSceneThatOpens(): Promise<Scene> {
      const scene = aScene();
      await park(scene, aRecord(scene, ['w1']));
      const put = scene.park.put.bind(scene.park);
      scene.park.put = async (item) => {
        scene.park.put = put;
        await drain(scene);
        await put(item);
      };
      return scene;
    }

    it('is delivered even when its park item cannot be taken out again; the next drain clears it', async () => {
      const scene = await aSceneThatOpens();
      const remove = scene.park.remove.bind(scene.park);
      scene.park.remove = async (item) => {
        if (item.key === 'IN#1#w2') throw new BridgeError('store-unavailable', 'park remove failed');
        await remove(item);
      };

      expect(await deliver(scene, aRecord(scene, ['w2']), { sequenceNumber: '8' })).toEqual(done);
      expect(scene.telemetry.problems.map(({ name }) => name)).toContain('park.remove-failed');
      expect(await parkedKeys(scene)).toEqual(['IN#1#w2']);

      scene.park.remove = remove;
      await park(scene, aRecord(scene, ['w3']), '9');
      await drain(scene);

      expect(await parkedKeys(scene)).toEqual([]);
      expect(shown(scene)).toEqual(['w1', 'w1', 'w2', 'w3', 'w3']);
    });

    it('is given back when the profile cannot be read once more, and comes again', async () => {
      const scene = await aSceneThatOpens();
      const touch = scene.directory.touch.bind(scene.directory);
      let touches = 0;
      scene.directory.touch = async (...args) => {
        touches += 1;
        // The first is the worker's, the second the drain's, the third the worker's look at the fence that opened.
        if (touches === 3) throw new BridgeError('store-unavailable', 'profile touch failed');
        return touch(...args);
      };
      const body = aRecord(scene, ['w2']);

      await expect(deliver(scene, body, { sequenceNumber: '8' })).rejects.toMatchObject({
        kind: 'store-unavailable',
      });
      expect(recordOf(scene, 'w2')).toMatchObject({ status: 'INFLIGHT', leaseUntil: 0, open: 0, tried: 0 });
      await deliver(scene, body, { sequenceNumber: '8' });

      expect(shown(scene)).toEqual(['w1', 'w1', 'w2']);
    });

    it('leaves nothing in the park when it is held in the queue and delivered later', async () => {
      const scene = await aSceneThatOpens();
      const body = aRecord(scene, ['w2']);
      scene.desk.answers.push({ delivered: true }, down);

      expect(await deliver(scene, body, { sequenceNumber: '8' })).toMatchObject({ state: 'hold' });
      expect(await parkedKeys(scene)).toEqual(['IN#1#w2']);
      expect(await deliver(scene, body, { sequenceNumber: '8', receiveCount: 2 })).toEqual(done);

      expect(shown(scene)).toEqual(['w1', 'w1', 'w2', 'w2']);
      expect(await parkedKeys(scene)).toEqual([]);
    });

    it('leaves nothing in the park when a later visit dies right after it was delivered', async () => {
      const scene = await aSceneThatOpens();
      const body = aRecord(scene, ['w2']);
      scene.desk.answers.push({ delivered: true }, down);
      await deliver(scene, body, { sequenceNumber: '8' });
      const death = dieAfter(scene.ledger, 'settle');
      void deliver(scene, body, { sequenceNumber: '8', receiveCount: 2 });
      await death;
      expect(await parkedKeys(scene)).toEqual(['IN#1#w2']);

      const restarted = { ...scene, isolation: aScene().isolation };
      expect(await deliver(restarted, body, { sequenceNumber: '8', receiveCount: 3 })).toEqual(done);

      expect(await parkedKeys(scene)).toEqual([]);
    });

    it('comes again when it was the rest of a record of which something was parked', async () => {
      const scene = aScene();
      const put = scene.park.put.bind(scene.park);
      scene.park.put = async (item) => {
        if (item.key === 'IN#1#w2' && (await fence(scene)).state === 'parked') await drain(scene);
        await put(item);
      };
      const body = aRecord(scene, ['w1', 'w2']);
      scene.desk.answers.unshift(failure('provider-unavailable', 'none', { retryAfterMs: 2 * minuteMs }));

      expect(await deliver(scene, body)).toEqual({ state: 'hold', delayMs: 0 });
      expect(await deliver(scene, body)).toEqual(done);

      expect(shown(scene)).toEqual(['w1', 'w1', 'w2']);
      expect(recordOf(scene, 'w2')).toMatchObject({ status: 'DELIVERED', ambiguous: 0 });
    });
  });
});

describe('a record with few receives left', () => {
  it('is parked before anything else is tried', async () => {
    const scene = aScene();

    expect(await deliver(scene, aRecord(scene, ['w1', 'w2']), { receiveCount: 14 })).toEqual(done);
    expect(shown(scene)).toEqual(['w1', 'w2']);
    scene.gate.enter = () => Promise.reject(new Error('the gate was asked'));
    expect(
      await deliver(scene, aRecord(scene, ['w3', 'w4']), { sequenceNumber: '8', receiveCount: 15 }),
    ).toEqual(done);

    expect(shown(scene)).toEqual(['w1', 'w2']);
    expect(recordOf(scene, 'w3')).toMatchObject({ status: 'PARKED', reason: 'few-receives', ambiguous: 0 });
    expect(await parkedKeys(scene)).toEqual(['IN#1#w3', 'IN#1#w4']);
  });

  it('is parked even while somebody holds it, and the drain waits for that claim', async () => {
    const scene = aScene();
    const body = aRecord(scene, ['w1']);
    scene.desk.answers.push(() => new Promise(() => undefined));
    void deliver(scene, body);
    await new Promise(setImmediate);
    const restarted = { ...scene, isolation: aScene().isolation };

    expect(await deliver(restarted, body, { receiveCount: 15 })).toEqual(done);
    expect(await drain(restarted)).toMatchObject({ state: 'waiting', waitSeconds: 5, attempt: 0 });
    scene.clock.at += scene.timing.leaseMs;
    expect(await drain(restarted)).toMatchObject({ state: 'open' });

    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'DELIVERED', ambiguous: 1, crashes: 1 });
  });

  it('fails when the profile cannot be read: an error is never taken for an open fence', async () => {
    const scene = aScene();
    scene.directory.touch = () =>
      Promise.reject(new BridgeError('store-unavailable', 'profile touch failed'));

    for (const receiveCount of [1, 15]) {
      await expect(deliver(scene, aRecord(scene, ['w1']), { receiveCount })).rejects.toMatchObject({
        kind: 'store-unavailable',
      });
    }

    expect(shown(scene)).toEqual([]);
    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'INFLIGHT', leaseUntil: 0 });
  });

  it('leaves a conflict to a person at once', async () => {
    const scene = aScene();
    const envelope = JSON.parse(aRecord(scene, ['w1', 'w2']));
    envelope.items[0].userId = 'GB.1';
    envelope.items[1].userId = 'GB.2';
    const [first, second] = envelope.items;
    await deliver(scene, JSON.stringify({ ...envelope, items: [first] }));

    await deliver(scene, JSON.stringify({ ...envelope, items: [second] }), { receiveCount: 15 });

    expect(recordOf(scene, 'w2')).toMatchObject({ status: 'QUARANTINED', reason: 'identity-conflict' });
  });
});

describe('a worker that dies while it parks', () => {
  const steps = [
    ['the park item', 'park', 'put'],
    ['the fence', 'fences', 'close'],
    ['the ledger', 'ledger', 'park'],
    ['the start of the run', 'runs', 'start'],
  ] as const;

  it.each(steps)('after %s loses nothing, and the order stays', async (_name, port, method) => {
    const scene = aScene();
    const body = aRecord(scene, ['w1', 'w2']);
    scene.desk.answers.push(failure('provider-unavailable', 'none', { retryAfterMs: 2 * minuteMs }));
    const death = dieAfter<object>(scene[port], method as never);
    void deliver(scene, body);
    await death;
    scene.clock.at += scene.timing.leaseMs;

    // The record comes again, then a later one; whatever is parked is drained.
    const restarted = { ...scene, isolation: aScene().isolation };
    expect(await deliver(restarted, body)).toEqual(done);
    await deliver(restarted, aRecord(scene, ['w3']), { sequenceNumber: '8' });
    await drain(restarted);

    expect(scene.desk.shown.map(({ messageId }) => messageId)).toEqual(['w1', 'w1', 'w2', 'w3']);
    expect(['w1', 'w2', 'w3'].map((id) => recordOf(scene, id)?.status)).toEqual(Array(3).fill('DELIVERED'));
    expect(await fence(scene)).toMatchObject({ state: 'open' });
    // What the first visit left in the park is cleared by the next drain, whenever that comes.
    await park(scene, aRecord(scene, ['w4']), '9');
    await drain(restarted);
    expect(await parkedKeys(scene)).toEqual([]);
  });

  it.each(steps.slice(1, 2))(
    'after %s has the run started by the visit that follows',
    async (_n, port, method) => {
      const scene = aScene();
      const body = aRecord(scene, ['w1']);
      scene.desk.answers.push(failure('provider-unavailable', 'none', { retryAfterMs: 2 * minuteMs }));
      const death = dieAfter<object>(scene[port], method as never);
      void deliver(scene, body);
      await death;
      scene.clock.at += scene.timing.leaseMs;

      await deliver({ ...scene, isolation: aScene().isolation }, body);

      expect(scene.runs.started).toEqual([{ ...place, run: 1, delaySeconds: 60 }]);
    },
  );
});
