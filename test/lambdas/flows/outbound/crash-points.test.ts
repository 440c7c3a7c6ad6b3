// The worker dies at every single call it makes, before and after the call takes effect, while an agent sends three
// replies, the first in two parts. Whatever happens, no part is sent twice, none overtakes another, and the agent is told
// of every reply that may not have arrived.
import { createIsolation } from '../../../../lambdas/flows/isolation.ts';
import {
  aBody,
  anItem,
  aScene,
  drain,
  hear,
  hearStatus,
  place,
  receive,
  recordOf,
  type Scene,
  told,
} from './outbound-scene.ts';

const ids = ['g1', 'g2', 'g3'];
const items = [
  anItem({ id: 'g1', message: { type: 'Text', text: `${'a'.repeat(4000)} ${'b'.repeat(4000)}` } }),
  anItem({ id: 'g2' }),
  anItem({ id: 'g3' }),
];
const inOrder = ['g1.0', 'g1.1', 'g2.0', 'g3.0'];
const mostRounds = 60;

interface Death {
  /** Which call, counted from 1; 0 for none. */
  call: number;
  when: 'before' | 'after';
}

/** Counts the calls of every port and dies once. */
function killable(scene: Scene, { call, when }: Death) {
  let calls = 0;
  let die: () => void = () => undefined;
  const wrap = <T extends object>(port: T): T =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          calls += 1;
          const isLast = calls === call;
          if (isLast && when === 'before') return forEver();
          const answer: unknown = await Reflect.apply(member, target, args);
          return isLast ? forEver() : answer;
        };
      },
    });
  const forEver = () => {
    die();
    return new Promise(() => undefined);
  };
  const { ledger, sending, receipts, fences, park, runs, directory, messenger, deskReceipts } = scene;
  const telling = { ...scene.telling, receipts: wrap(receipts), deskReceipts: wrap(deskReceipts) };
  const ports = {
    ledger: wrap(ledger),
    sending: wrap(sending),
    fences: wrap(fences),
    park: wrap(park),
    runs: wrap(runs),
    directory: wrap(directory),
    messenger: wrap(messenger),
    telling,
  };
  return {
    mortal: { ...scene, ...ports },
    calls: () => calls,
    /** Undefined when the worker died. */
    live: <T>(act: Promise<T>): Promise<T | undefined> =>
      Promise.race([
        act,
        new Promise<undefined>((resolve) => {
          die = () => resolve(undefined);
        }),
      ]),
  };
}

async function play(death: Death, hasStatuses: boolean) {
  const scene = aScene();
  await hear(scene);
  const { mortal, live, calls } = killable(scene, death);
  const reborn = () => {
    mortal.isolation = createIsolation();
    scene.clock.at += 120_000;
  };
  const hearAll = async () => {
    if (!hasStatuses) return;
    for (const { tag } of scene.messenger.posts)
      await hearStatus(scene, tag.slice(0, -2), Number(tag.at(-1)));
  };
  for (const [index, item] of items.entries()) {
    const body = aBody(scene, [item]);
    for (let receiveCount = 1; receiveCount < 18; receiveCount += 1) {
      const outcome = await live(receive(mortal, body, { sequenceNumber: String(7 + index), receiveCount }));
      if (outcome === undefined) reborn();
      else if (outcome.state === 'done') break;
      else scene.clock.at += outcome.delayMs;
      await hearAll();
    }
  }
  for (let round = 0; round < mostRounds; round += 1) {
    if ((await scene.fences.read(place)).state === 'open') break;
    scene.clock.at += 60_000;
    if ((await live(drain(mortal))) === undefined) reborn();
    await hearAll();
  }
  return { scene, calls: calls() };
}

const sentTags = ({ messenger }: Scene) => messenger.posts.map(({ tag }) => tag);

it('without a death all goes out in order', async () => {
  const { scene } = await play({ call: 0, when: 'before' }, false);

  expect(sentTags(scene)).toEqual(inOrder);
});

describe.each([
  ['with statuses', true],
  ['without any status', false],
])('a death at any call, %s,', (_name, hasStatuses) => {
  it.each(['before', 'after'] as const)('%s it takes effect, doubles and reorders nothing', async (when) => {
    const { calls } = await play({ call: 0, when }, hasStatuses);
    expect(calls).toBeGreaterThan(20);
    let unknownFates = 0;
    for (let call = 1; call <= calls; call += 1) {
      const { scene } = await play({ call, when }, hasStatuses);
      const sent = sentTags(scene);
      const told_ = told(scene).map(([id]) => id);
      const shown = { call, when, sent, told: told_, statuses: ids.map((id) => recordOf(scene, id)?.status) };

      expect({ ...shown, sent: [...new Set(sent)] }).toEqual(shown);
      expect({ ...shown, sent: inOrder.filter((tag) => sent.includes(tag)) }).toEqual(shown);
      expect(shown.statuses.every((status) => status === 'DELIVERED' || status === 'FAILED')).toBe(true);
      expect({ ...shown, told: ids.filter((_id, index) => shown.statuses[index] === 'FAILED') }).toEqual(
        shown,
      );
      expect(await scene.park.list(place, 10)).toEqual([]);
      unknownFates += told_.length;
    }
    // One doubt per part whose POST was announced and never made; without statuses, one per part whose POST was not
    // written down.
    expect(unknownFates).toBe(hasStatuses ? inOrder.length : 2 * inOrder.length);
  });
});
