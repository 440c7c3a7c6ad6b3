import { BridgeError } from '../../../../lambdas/core/errors.ts';
import { serviceWindowMs } from '../../../../lambdas/core/policy/service-window.ts';
import {
  aBody,
  anItem,
  aScene,
  deliver,
  hear,
  receive,
  recordOf,
  refusedWith,
  type Scene,
  texts,
} from './outbound-scene.ts';

let scene: Scene;
const typing = anItem({
  id: 't',
  kind: 'typing',
  message: { type: 'Event', events: [{ eventType: 'Typing' }] },
});
const latest = (agoMs: number) => `wamid.in-${scene.clock.now() - agoMs}`;
beforeEach(async () => {
  scene = aScene({ typing: true });
  await hear(scene, { agoMs: 5000 });
});

describe('that an agent types', () => {
  it('is shown at the customer’s latest message and leaves no record', async () => {
    expect(await deliver(scene, typing)).toEqual({ state: 'done' });

    expect(scene.messenger.marks).toEqual([{ wamid: latest(5000), typing: true }]);
    expect(scene.ledger.records.size).toBe(0);
    expect(scene.gate.reports).toEqual(['delivered']);
  });

  it('is not shown unless the tenant wishes', async () => {
    scene.outbound.typing = false;
    await deliver(scene, typing);

    expect(scene.messenger.marks).toEqual([]);
    expect(scene.directory.calls).not.toContain('peek');
  });

  it('is not shown after 25 seconds, outside the window, or while WhatsApp is in trouble', async () => {
    const receivedAt = scene.clock.now() - 25_000;
    await receive(scene, aBody(scene, [typing], { receivedAt }));
    scene.gate.closedFor.push(1000);
    await deliver(scene, typing);
    scene.clock.at += serviceWindowMs;
    await deliver(scene, typing);

    expect(scene.messenger.marks).toEqual([]);
    expect(scene.telemetry.counters.TypingNotShown).toBe(3);
  });

  it.each(['2', '3'])('is not shown from a number that is suspended or not ours (%s)', async (numberId) => {
    await scene.directory.touch(numberId, 'GB.1', {
      ...{ visitId: 'v1', at: scene.clock.now(), acceptedAt: scene.clock.now(), messageId: 'wamid.1' },
      ...{ fromId: typing.to, fromIdType: 'Phone', phone: typing.to },
    });
    await scene.directory.resolveAlias(numberId, typing.to, { customerId: 'GB.1', at: scene.clock.now() });

    expect(await receive(scene, aBody(scene, [typing], { numberId }))).toEqual({ state: 'done' });

    expect(scene.messenger.marks).toEqual([]);
    expect(scene.telemetry.counters.TypingNotShown).toBe(1);
  });

  it('is forgotten when it cannot be shown', async () => {
    const failure = new BridgeError('provider-unavailable', 'down');
    scene.messenger.markFailure = failure;
    expect(await deliver(scene, typing)).toEqual({ state: 'done' });
    scene.directory.peek = () => Promise.reject(new BridgeError('store-unavailable', 'down'));
    expect(await deliver(scene, typing)).toEqual({ state: 'done' });

    expect(scene.gate.reports).toEqual([{ failure }]);
    expect(scene.telemetry.problems.map(({ name }) => name)).toEqual([
      'typing.not-shown',
      'typing.not-shown',
    ]);
  });
});

describe('that a message was read', () => {
  it('is shown with the first reply to it', async () => {
    await deliver(scene, anItem());
    await deliver(scene, anItem({ id: 'g2' }));

    expect(scene.messenger.marks).toEqual([{ wamid: latest(5000), typing: false }]);
    expect(texts(scene)).toEqual(['text of g1', 'text of g2']);
  });

  it('is not shown unless the tenant wishes', async () => {
    scene.outbound.typing = false;
    await deliver(scene, anItem());

    expect(scene.messenger.marks).toEqual([]);
  });

  it('is not shown when the reply did not go out', async () => {
    scene.messenger.answers.push(refusedWith(131026));
    await deliver(scene, anItem());

    expect(scene.messenger.marks).toEqual([]);
  });

  it('keeps no reply back when it cannot be shown', async () => {
    scene.messenger.markRead = () => Promise.reject(new TypeError('broken'));

    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });

    expect(recordOf(scene)?.status).toBe('DELIVERED');
    expect(scene.telemetry.problems).toMatchObject([{ name: 'read.not-marked' }]);
  });
});
