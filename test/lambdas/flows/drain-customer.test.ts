import { BridgeError } from '../../../lambdas/core/errors.ts';
import { inboundKey } from '../../../lambdas/core/model/ledger-record.ts';
import { mostRounds } from '../../../lambdas/core/policy/redelivery.ts';
import { aClaimRequest } from '../../builders.ts';
import { hourMs, minuteMs } from '../../fakes/parking.ts';
import {
  aRecord,
  aScene,
  deliver,
  dieAfter,
  down,
  drain,
  failure,
  fence,
  handle,
  park,
  parkedKeys,
  place,
  recordOf,
  type Scene,
  shown,
} from './redelivery-scene.ts';

/** Messages of one record that wait behind a closed fence; the desk has seen the first of them. */
async function aParkedScene(ids = ['w1', 'w2', 'w3']): Promise<Scene> {
  const scene = aScene();
  await park(scene, aRecord(scene, ids));
  scene.desk.shown.length = 0;
  return scene;
}

const statusesOf = (scene: Scene, ids: readonly string[]) => ids.map((id) => recordOf(scene, id)?.status);

describe('a drain', () => {
  it('delivers what waits in order, takes it out of the park and opens the fence', async () => {
    const scene = await aParkedScene();

    expect(await drain(scene)).toEqual({
      handle,
      direction: 'in',
      run: 1,
      attempt: 0,
      round: 1,
      state: 'open',
      waitSeconds: 0,
    });

    expect(shown(scene)).toEqual(['w1', 'w2', 'w3']);
    expect(await parkedKeys(scene)).toEqual([]);
    expect(await fence(scene)).toMatchObject({ state: 'open', run: 1, nextAttemptAt: 0 });
    expect(scene.telemetry.counters).toMatchObject({ FencesOpened: 1, MessagesDelivered: 3 });
  });

  it('is nothing but a look when another run is in charge, or nobody', async () => {
    const scene = await aParkedScene();
    await scene.fences.restart(place, await fence(scene), 0);

    expect(await drain(scene, { run: 1 })).toMatchObject({ state: 'stopped' });
    expect(await drain(scene, { handle: 'unknown' })).toMatchObject({ state: 'stopped' });
    expect(shown(scene)).toEqual([]);

    expect(await drain(scene, { run: 2 })).toMatchObject({ state: 'open' });
    // Its answer was lost, and it is asked again.
    expect(await drain(scene, { run: 2 })).toMatchObject({ state: 'open' });
    expect(shown(scene)).toEqual(['w1', 'w2', 'w3']);
  });

  it('stops at the first that cannot be delivered, gives it back as PARKED and says when it comes again', async () => {
    const scene = await aParkedScene();
    scene.desk.answers.push({ delivered: true }, down);

    expect(await drain(scene, { attempt: 3 })).toMatchObject({
      state: 'waiting',
      attempt: 0,
      waitSeconds: 60,
    });

    expect(shown(scene)).toEqual(['w1', 'w2']);
    expect(statusesOf(scene, ['w1', 'w2', 'w3'])).toEqual(['DELIVERED', 'PARKED', 'PARKED']);
    expect(await parkedKeys(scene)).toEqual(['IN#1#w2', 'IN#1#w3']);
    expect(await fence(scene)).toMatchObject({
      state: 'parked',
      nextAttemptAt: scene.clock.now() + minuteMs,
    });
  });

  it('waits longer from attempt to attempt, as the schedule says, and anew after progress', async () => {
    const scene = await aParkedScene(['w1']);
    const waits: number[] = [];
    let state = { attempt: 0, round: 0 };
    for (let attempts = 0; attempts < 5; attempts += 1) {
      scene.desk.answers.push(down);
      const { attempt, round, waitSeconds } = await drain(scene, state);
      state = { attempt, round };
      waits.push(waitSeconds);
    }

    expect(waits).toEqual([300, 900, 3600, 3600, 3600]);
    expect(state).toEqual({ attempt: 5, round: 5 });
  });

  it('waits at least as long as Genesys asks, and as long as the circuit stays open, without a claim', async () => {
    const scene = await aParkedScene(['w1']);
    const asked = failure('provider-unavailable', 'none', { retryAfterMs: 2 * hourMs });
    scene.desk.answers.push(asked);
    expect(await drain(scene)).toMatchObject({ attempt: 1, waitSeconds: 7200 });

    scene.ledger.calls.length = 0;
    scene.gate.closedFor.push(minuteMs);
    expect(await drain(scene)).toMatchObject({ state: 'waiting', attempt: 1, waitSeconds: 300 });

    expect(scene.ledger.calls).toEqual([]);
  });

  it('does not count waiting for the allowance as an attempt', async () => {
    const scene = await aParkedScene(['w1']);
    scene.gate.enter = async () => ({ open: false, delayMs: 20_000, reason: 'pace' }) as never;

    expect(await drain(scene, { attempt: 2 })).toMatchObject({
      state: 'waiting',
      attempt: 2,
      waitSeconds: 20,
    });
  });

  it('comes back at once when its time ends, unless there was none for a single message', async () => {
    const scene = await aParkedScene();
    const deliverTo = scene.desk.deliver.bind(scene.desk);
    scene.desk.deliver = async (...args) => {
      scene.clock.at += 10_000;
      return deliverTo(...args);
    };

    const deadlineAt = scene.clock.now() + 22_000;
    expect(await drain(scene, { attempt: 2, deadlineAt })).toMatchObject({
      state: 'waiting',
      attempt: 0,
      waitSeconds: 1,
    });
    expect(shown(scene)).toEqual(['w1']);

    expect(await drain(scene, { deadlineAt: scene.clock.now() + 12_000 })).toMatchObject({
      state: 'waiting',
      attempt: 1,
      waitSeconds: 300,
    });
  });

  it('takes over what a crashed one left tried, as ambiguous', async () => {
    const scene = await aParkedScene();
    scene.desk.answers.push({ delivered: true }, () => new Promise(() => undefined));
    void drain(scene);
    await new Promise(setImmediate);
    const restarted = { ...scene, isolation: aScene().isolation };
    expect(await drain(restarted)).toMatchObject({ state: 'waiting', attempt: 0, waitSeconds: 5 });
    scene.clock.at += scene.timing.leaseMs;

    expect(await drain(restarted)).toMatchObject({ state: 'open' });

    expect(shown(scene)).toEqual(['w1', 'w2', 'w2', 'w3']);
    expect(['w1', 'w2', 'w3'].map((id) => recordOf(scene, id)?.ambiguous)).toEqual([0, 1, 0]);
  });

  it('takes the park item out only after the message is settled: a crash between them shows nothing twice', async () => {
    const scene = await aParkedScene();
    const death = dieAfter(scene.ledger, 'settle');
    void drain(scene);
    await death;
    expect(await parkedKeys(scene)).toHaveLength(3);
    scene.clock.at += scene.timing.leaseMs;

    expect(await drain({ ...scene, isolation: aScene().isolation })).toMatchObject({ state: 'open' });

    expect(shown(scene)).toEqual(['w1', 'w2', 'w3']);
  });

  it('gives up visibly on a message that keeps crashing it, and goes on', async () => {
    const scene = await aParkedScene(['w1', 'w2']);
    for (let crash = 0; crash < 3; crash += 1) {
      scene.desk.answers.push(() => new Promise(() => undefined));
      void drain({ ...scene, isolation: aScene().isolation });
      await new Promise(setImmediate);
      scene.clock.at += scene.timing.leaseMs;
    }

    expect(await drain({ ...scene, isolation: aScene().isolation })).toMatchObject({ state: 'open' });

    expect(shown(scene).slice(3)).toEqual(['[A message of the customer could not be processed]', 'w2']);
    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'FAILED', reason: 'poison' });
  });

  it.each<[string, (scene: Scene, fault: Error) => void]>([
    [
      'before its claim',
      (scene, fault) => {
        const read = scene.archive.get.bind(scene.archive);
        scene.archive.get = (key) => (key === 'claims/w1' ? Promise.reject(fault) : read(key));
      },
    ],
    [
      'after its claim, and when it is to be announced',
      (scene, fault) => {
        scene.archive.objects.set('claims/w1', new TextEncoder().encode(aRecord(scene, ['w1'])));
        const deliverTo = scene.desk.deliver.bind(scene.desk);
        scene.desk.deliver = (numberId, message) =>
          message.messageId === 'w1' ? Promise.reject(fault) : deliverTo(numberId, message);
      },
    ],
  ])(
    'ends a message visibly whose visit breaks %s, after a few attempts, and goes on',
    async (_when, spoil) => {
      const scene = await aParkedScene(['w1', 'w2']);
      const [item] = await scene.park.list(place, 1);
      if (!item) throw new Error('nothing is parked');
      await scene.park.remove(item);
      await scene.park.put({ ...item, body: '{"v":1,"claimCheck":"claims/w1","correlationId":"c"}' });
      spoil(scene, new TypeError('a bug'));

      let attempts = 1;
      for (; attempts < 8; attempts += 1) {
        const { state, waitSeconds } = await drain(scene);
        if (state === 'open') break;
        expect(shown(scene)).toEqual([]);
        scene.clock.at += waitSeconds * 1000;
      }

      expect(attempts).toBeLessThan(7);
      expect(shown(scene)).toEqual(['w2']);
      expect(recordOf(scene, 'w1')).toMatchObject({ status: 'FAILED', reason: 'poison' });
      expect(await parkedKeys(scene)).toEqual([]);
      expect(scene.telemetry.counters).toMatchObject({ 'Messages.FAILED': 1, MessagesDelivered: 1 });
    },
  );

  it('tells the agent of what is refused for good, and goes on', async () => {
    const scene = await aParkedScene(['w1', 'w2']);
    scene.desk.answers.push(failure('provider-rejected', 'none', { code: 'bad.request' }));

    await drain(scene);

    expect(statusesOf(scene, ['w1', 'w2'])).toEqual(['FAILED', 'DELIVERED']);
    expect(await parkedKeys(scene)).toEqual([]);
  });

  it('that fails for its own stores leaves the message in the park', async () => {
    const scene = await aParkedScene(['w1']);
    const touch = scene.directory.touch.bind(scene.directory);
    scene.directory.touch = () =>
      Promise.reject(new BridgeError('store-unavailable', 'profile touch failed'));

    await expect(drain(scene)).rejects.toMatchObject({ kind: 'store-unavailable' });
    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'PARKED', tried: 0 });
    scene.directory.touch = touch;

    expect(await drain(scene)).toMatchObject({ state: 'open' });
  });

  it('starts another run when its own has had as many rounds as an execution has room for', async () => {
    const scene = await aParkedScene(['w1']);
    scene.desk.answers.push(down, down);

    expect(await drain(scene, { round: mostRounds - 2 })).toMatchObject({
      state: 'waiting',
      round: mostRounds - 1,
    });
    expect(await drain(scene, { round: mostRounds - 1 })).toMatchObject({ state: 'stopped' });

    expect(scene.runs.started.at(-1)).toEqual({ ...place, run: 2, delaySeconds: 300 });
    expect(await fence(scene)).toMatchObject({ state: 'parked', run: 2 });
    expect(await drain(scene, { run: 2 })).toMatchObject({ state: 'open' });
  });

  it('stops when another run took over while it was at work', async () => {
    const scene = await aParkedScene(['w1']);
    scene.desk.answers.push(async () => {
      await scene.fences.restart(place, await fence(scene), 0);
      return down;
    });

    expect(await drain(scene, { run: 1 })).toMatchObject({ state: 'stopped' });
    expect(await drain(scene, { run: 1, round: mostRounds })).toMatchObject({ state: 'stopped' });

    expect(scene.runs.started).toHaveLength(1);
  });
});

describe('what is parked and shown to nobody', () => {
  /** An echo that waits behind a message, of a customer whose conversation is over by the time of the drain. */
  async function anEchoInThePark(scene: Scene): Promise<void> {
    scene.desk.answers.push({ delivered: true, conversationId: 'c1' });
    await deliver(scene, aRecord(scene, ['w0']), { sequenceNumber: '6' });
    await park(scene, aRecord(scene, ['w1']), '7');
    const envelope = JSON.parse(aRecord(scene, ['e1']));
    envelope.items[0].kind = 'echo';
    await deliver(scene, JSON.stringify(envelope), { sequenceNumber: '8' });
    await scene.directory.forgetConversation('1', place.customerId, 'c1');
    scene.desk.shown.length = 0;
    scene.desk.answers.push({ delivered: true });
  }

  it('an echo ends visibly without starting a conversation, and is no activity of the customer', async () => {
    const scene = aScene();
    await anEchoInThePark(scene);
    scene.clock.at += minuteMs;
    const before = await scene.directory.peek('1', place.customerId);

    expect(await drain(scene)).toMatchObject({ state: 'open' });

    expect(shown(scene)).toEqual(['w1']);
    expect(await parkedKeys(scene)).toEqual([]);
    expect(recordOf(scene, 'e1')).toMatchObject({ status: 'FAILED', reason: 'no-conversation' });
    expect(scene.telemetry.counters).toMatchObject({ EchoesUnshown: 1, 'Messages.FAILED': 1 });
    expect(await scene.directory.peek('1', place.customerId)).toMatchObject({
      lastInboundAt: before?.lastInboundAt,
    });
  });

  it('an echo is left to another claim until that has ended, and counted once', async () => {
    const scene = aScene();
    await anEchoInThePark(scene);
    const [now, leaseUntil] = [scene.clock.now(), scene.clock.now() + minuteMs];
    const frozen = { key: inboundKey('1', 'e1'), owner: 'frozen', now, leaseUntil };
    await scene.ledger.claim(aClaimRequest({ ...frozen, fromPark: true }));

    expect(await drain(scene)).toMatchObject({ state: 'waiting', waitSeconds: 5 });
    scene.clock.at += minuteMs;
    expect(await drain(scene)).toMatchObject({ state: 'open' });

    expect(recordOf(scene, 'e1')).toMatchObject({ status: 'FAILED', reason: 'no-conversation' });
    expect(scene.telemetry.counters.EchoesUnshown).toBe(1);
  });

  it('a message that another release has parked and this one ignores ends visibly', async () => {
    const scene = await aParkedScene(['w1', 'w2']);
    const [item] = await scene.park.list(place, 1);
    if (!item) throw new Error('nothing is parked');
    const envelope = JSON.parse(item.body);
    envelope.items[0].message = { id: 'w1', type: 'request_welcome' };
    await scene.park.remove(item);
    await scene.park.put({ ...item, body: JSON.stringify(envelope) });

    await drain(scene);

    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'FAILED', reason: 'nothing-to-show' });
    expect(shown(scene)).toEqual(['w2']);
    expect(await parkedKeys(scene)).toEqual([]);
  });
});

describe('what is parked while a drain is at work', () => {
  it('is delivered by the same drain, since the version of the fence has changed', async () => {
    const scene = await aParkedScene(['w1']);
    const list = scene.park.list.bind(scene.park);
    let lists = 0;
    scene.park.list = async (...args) => {
      const items = await list(...args);
      lists += 1;
      // Right after the park was seen empty, and before the fence opens.
      if (lists === 2) await deliver(scene, aRecord(scene, ['w2']), { sequenceNumber: '8' });
      return items;
    };

    expect(await drain(scene)).toMatchObject({ state: 'open' });

    expect(shown(scene)).toEqual(['w1', 'w2']);
    expect(lists).toBe(4);
    expect(await parkedKeys(scene)).toEqual([]);
  });

  it('is found even if the fence opens before it says so there: the worker delivers it then', async () => {
    const scene = await aParkedScene(['w1']);
    const put = scene.park.put.bind(scene.park);
    scene.park.put = async (item) => {
      // The worker has seen a closed fence; the drain finishes before the park item is written.
      await drain(scene);
      await put(item);
    };

    await deliver(scene, aRecord(scene, ['w2']), { sequenceNumber: '8' });

    expect(shown(scene)).toEqual(['w1', 'w2']);
    expect(await fence(scene)).toMatchObject({ state: 'open' });
    expect(await parkedKeys(scene)).toEqual([]);
  });

  it('is shown once and in order when the drain comes between park item and fence', async () => {
    const scene = await aParkedScene(['w1']);
    const touch = scene.fences.touch.bind(scene.fences);
    scene.fences.touch = async (target) => {
      scene.fences.touch = touch;
      // The park item is there, its message still claimed by the worker.
      expect(await drain({ ...scene, isolation: aScene().isolation })).toMatchObject({
        state: 'waiting',
        waitSeconds: 5,
      });
      return touch(target);
    };

    await deliver(scene, aRecord(scene, ['w2', 'w3']), { sequenceNumber: '8' });
    await drain(scene);

    expect(shown(scene)).toEqual(['w1', 'w2', 'w3']);
    expect(statusesOf(scene, ['w2', 'w3'])).toEqual(['DELIVERED', 'DELIVERED']);
  });
});

describe('a message over its horizon', () => {
  it('is announced to the agent in its turn and ends EXPIRED; younger ones behind it are delivered', async () => {
    const scene = await aParkedScene(['w1']);
    scene.clock.at += 12 * hourMs;
    await deliver(scene, aRecord(scene, ['w2']), { sequenceNumber: '8' });
    scene.clock.at += 12 * hourMs;

    expect(await drain(scene)).toMatchObject({ state: 'open' });

    expect(shown(scene)).toEqual(['[A message of the customer was not shown: it had waited too long]', 'w2']);
    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'EXPIRED', reason: 'horizon' });
    expect(recordOf(scene, 'w2')).toMatchObject({ status: 'DELIVERED' });
    expect(scene.telemetry.counters).toMatchObject({ 'Messages.EXPIRED': 1 });
  });

  it('stays in the park when the attempt that announced it had lost its claim to another', async () => {
    const scene = await aParkedScene(['w1']);
    scene.clock.at += 24 * hourMs;
    const restarted = { ...scene, isolation: aScene().isolation };
    scene.desk.answers.push(async () => {
      // Its function is frozen for so long that another attempt claims the message and fails.
      scene.clock.at += scene.timing.leaseMs;
      scene.desk.answers.push(failure('delivery-unknown', 'unknown'));
      await drain(restarted);
      return { delivered: true };
    });

    expect(await drain(scene)).toMatchObject({ state: 'waiting' });
    expect(await parkedKeys(scene)).toEqual(['IN#1#w1']);
    expect(await drain(restarted)).toMatchObject({ state: 'open' });

    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'EXPIRED', ambiguous: 2 });
  });

  it('is not EXPIRED before the agent was told', async () => {
    const scene = await aParkedScene(['w1', 'w2']);
    scene.clock.at += 24 * hourMs;
    scene.desk.answers.push(down);

    expect(await drain(scene)).toMatchObject({ state: 'waiting' });
    expect(statusesOf(scene, ['w1', 'w2'])).toEqual(['PARKED', 'PARKED']);
    expect(await drain(scene)).toMatchObject({ state: 'open' });

    expect(statusesOf(scene, ['w1', 'w2'])).toEqual(['EXPIRED', 'EXPIRED']);
  });

  it('ends EXPIRED even when the announcement is refused', async () => {
    const scene = await aParkedScene(['w1']);
    scene.clock.at += 24 * hourMs;
    scene.desk.answers.push(failure('provider-rejected', 'none', { status: 413 }));

    await drain(scene);

    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'EXPIRED', reason: 'provider-rejected:413' });
  });
});

describe('what an operator replays', () => {
  /** A message that was refused for good, parked again under the number of a replay. */
  async function aReplay(
    scene: Scene,
    replay: { number: string; forced?: string },
    key: string,
    reason = replay.forced === undefined ? 'replay' : 'forced',
  ): Promise<void> {
    const acceptedAt = scene.clock.now();
    const envelope = { ...JSON.parse(aRecord(scene, ['w1'])), replay };
    const item = { key, sequence: '7', replay: replay.number, reason, attempts: 0, acceptedAt };
    await scene.park.put({ ...place, ...item, parkedAt: acceptedAt, body: JSON.stringify(envelope) });
    await scene.fences.close(place, await fence(scene), 0);
  }

  it('is delivered although it had FAILED, once for each replay', async () => {
    const scene = aScene();
    scene.desk.answers.push(failure('provider-rejected', 'none', { code: 'bad.request' }));
    await deliver(scene, aRecord(scene, ['w1']));
    scene.desk.shown.length = 0;

    await aReplay(scene, { number: 'r1' }, inboundKey('1', 'w1'));
    expect(await drain(scene)).toMatchObject({ state: 'open' });
    await aReplay(scene, { number: 'r2' }, inboundKey('1', 'w1'));
    expect(await drain(scene)).toMatchObject({ state: 'open' });

    expect(shown(scene)).toEqual(['w1']);
    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'DELIVERED', replay: 'r1' });
  });

  it.each<[string, { number: string; forced?: string }, string, string]>([
    ['by force', { number: 'r1', forced: 'the agent lost it' }, 'IN#1#w1#FORCED#r1', 'forced'],
    ['that came by the queue', { number: 'r1' }, 'IN#1#w1', 'provider-unavailable'],
  ])(
    '%s and was refused is not tried again when the drain dies on its way out of the park',
    async (_name, replay, key, reason) => {
      const scene = aScene();
      await aReplay(scene, replay, key, reason);
      scene.desk.answers.push(failure('provider-rejected', 'none', { code: 'bad.request' }));
      const { remove } = scene.park;
      scene.park.remove = () => Promise.reject(new BridgeError('store-unavailable', 'no'));
      await expect(drain(scene)).rejects.toMatchObject({ kind: 'store-unavailable' });
      scene.park.remove = remove;
      const before = shown(scene);

      expect(await drain(scene)).toMatchObject({ state: 'open' });

      expect(shown(scene)).toEqual(before);
      expect(scene.ledger.records.get(key)).toMatchObject({ status: 'FAILED' });
    },
  );

  it('with force is delivered again, under a record and an id of its own', async () => {
    const scene = aScene();
    await deliver(scene, aRecord(scene, ['w1']));

    await aReplay(scene, { number: 'r1', forced: 'the agent lost it' }, 'IN#1#w1#FORCED#r1');
    await drain(scene);

    expect(scene.desk.shown.map(({ messageId }) => messageId)).toEqual(['w1', 'w1.r1']);
    expect(scene.ledger.records.get('IN#1#w1#FORCED#r1')).toMatchObject({
      status: 'DELIVERED',
      forced: 'the agent lost it',
    });
    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'DELIVERED', ambiguous: 0 });
  });
});

describe('a park item', () => {
  it('that was checked in is fetched from the archive', async () => {
    const scene = await aParkedScene(['w1']);
    const [item] = await scene.park.list(place, 1);
    scene.archive.objects.set('claims/x.json', new TextEncoder().encode(item?.body));
    if (item) {
      await scene.park.remove(item);
      await scene.park.put({ ...item, body: '{"v":1,"claimCheck":"claims/x.json"}' });
    }

    await drain(scene);

    expect(shown(scene)).toEqual(['w1']);
  });

  it('that cannot be read waits for a release that can, and is FAILED past its horizon', async () => {
    const scene = await aParkedScene(['w1', 'w2']);
    const [item] = await scene.park.list(place, 1);
    if (item) {
      await scene.park.remove(item);
      await scene.park.put({ ...item, body: '{"v":2}' });
    }

    expect(await drain(scene)).toMatchObject({ state: 'waiting', attempt: 1 });
    expect(statusesOf(scene, ['w1', 'w2'])).toEqual(['PARKED', 'PARKED']);
    scene.clock.at += 24 * hourMs;
    expect(await drain(scene)).toMatchObject({ state: 'open' });

    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'FAILED', reason: 'unreadable', messageId: 'w1' });
    expect(recordOf(scene, 'w2')).toMatchObject({ status: 'EXPIRED' });
    expect(scene.telemetry.problems.map(({ name }) => name)).toContain('park.unreadable');
  });

  it('behind a suspended number is held for the operator, and the fence opens', async () => {
    const scene = await aParkedScene(['w1']);

    expect(await drain({ ...scene, numbers: new Map([['1', { suspended: true }]]) })).toMatchObject({
      state: 'open',
    });

    expect(recordOf(scene, 'w1')).toMatchObject({ status: 'HELD' });
  });
});

it('leaves in the park what was parked between a refused claim and the look at its record', async () => {
  // Stores that do not answer a refused claim with the record that refused it are asked for it, a moment later.
  const scene = await aParkedScene(['w1']);
  const claim = scene.ledger.claim.bind(scene.ledger);
  scene.ledger.claim = async (request) => {
    const record = scene.ledger.records.get(request.key);
    return record ? { won: false, record: { ...record } } : claim(request);
  };

  expect(await drain(scene)).toMatchObject({ state: 'waiting' });
  expect(await parkedKeys(scene)).toEqual(['IN#1#w1']);

  scene.ledger.claim = claim;
  expect(await drain(scene)).toMatchObject({ state: 'open' });
  expect(shown(scene)).toEqual(['w1']);
});
