import { BridgeError } from '../../../../lambdas/core/errors.ts';
import { outboundKey } from '../../../../lambdas/core/model/ledger-record.ts';
import { createIsolation } from '../../../../lambdas/flows/isolation.ts';
import { hourMs, minuteMs } from '../../../fakes/parking.ts';
import {
  aBody,
  anItem,
  aScene,
  deliver,
  drain,
  hear,
  hearStatus,
  parkedKeys,
  place,
  receive,
  recordOf,
  refused,
  refusedWith,
  type Scene,
  texts,
  told,
  unknown,
} from './outbound-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = aScene();
  await hear(scene);
});

const key = (id: string) => outboundKey('1', id);
const fence = () => scene.fences.read(place);
const later = (ms: number) => {
  scene.clock.at += ms;
};
const twoParts = anItem({ message: { type: 'Text', text: `${'a'.repeat(4000)} ${'b'.repeat(4000)}` } });

describe('a send of unknown outcome', () => {
  beforeEach(() => {
    scene.messenger.answers.push(unknown);
  });

  it('is not sent again, but looked at again', async () => {
    expect(await deliver(scene, anItem())).toEqual({ state: 'hold', delayMs: 2000 });
    later(2000);
    expect(await deliver(scene, anItem())).toMatchObject({ state: 'hold' });

    expect(scene.messenger.posts).toHaveLength(1);
    expect(recordOf(scene)).toMatchObject({ status: 'INFLIGHT', tried: 1, ambiguous: 1 });
  });

  it('counts as sent once a status with its tag was seen', async () => {
    await deliver(scene, anItem());
    await hearStatus(scene, 'g1');

    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });

    expect(scene.messenger.posts).toHaveLength(1);
    expect(recordOf(scene)).toMatchObject({
      status: 'DELIVERED',
      sending: { wamids: { 0: 'wamid.status-0' } },
    });
    expect(await scene.ledger.readOriginating('1', 'wamid.status-0')).toMatchObject({ genesysId: 'g1' });
  });

  it('lets the parts after it go on once it is proven', async () => {
    await deliver(scene, twoParts);
    await hearStatus(scene, 'g1');
    await deliver(scene, twoParts);

    expect(texts(scene).map((text) => text?.[0])).toEqual(['a', 'b']);
    expect(scene.messenger.posts.map(({ tag }) => tag)).toEqual(['g1.0', 'g1.1']);
  });

  it('waits in the park after a while, and later replies behind the fence', async () => {
    await deliver(scene, anItem());
    later(minuteMs);
    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });
    expect(await deliver(scene, anItem({ id: 'g2' }), { sequenceNumber: '8' })).toEqual({ state: 'done' });

    expect(scene.messenger.posts).toHaveLength(1);
    expect(await parkedKeys(scene)).toEqual([key('g1'), key('g2')]);
    expect(recordOf(scene)).toMatchObject({ status: 'PARKED', tried: 1, reason: 'delivery-unknown' });
    expect(scene.runs.started).toHaveLength(1);

    await hearStatus(scene, 'g1');
    expect(await drain(scene)).toMatchObject({ state: 'open' });
    expect(texts(scene)).toEqual(['text of g1', 'text of g2']);
    expect(recordOf(scene, 'g2')?.status).toBe('DELIVERED');
  });

  it('ends after the time a status may take: the agent is told that its fate is unknown, and the next goes out', async () => {
    await deliver(scene, anItem());
    later(minuteMs);
    await deliver(scene, anItem());
    await deliver(scene, anItem({ id: 'g2' }), { sequenceNumber: '8' });

    later(14 * minuteMs - 1);
    expect(await drain(scene)).toMatchObject({ state: 'waiting' });
    expect(recordOf(scene)).toMatchObject({ status: 'PARKED', tried: 1 });
    later(1);
    expect(await drain(scene)).toMatchObject({ state: 'open' });

    expect(texts(scene)).toEqual(['text of g1', 'text of g2']);
    expect(told(scene)).toEqual([['g1', 'Failed', 'GeneralError']]);
    expect(scene.deskReceipts.told[0]?.reason?.message).toMatch(/unknown/);
    expect(recordOf(scene)).toMatchObject({ status: 'FAILED', reason: 'GeneralError:fate-unknown' });
  });

  it('is kept on record while the number is suspended', async () => {
    await deliver(scene, anItem());
    scene.numbers.set('1', { suspended: true });
    await deliver(scene, anItem());

    expect(recordOf(scene)).toMatchObject({ status: 'INFLIGHT', tried: 1 });
  });
});

describe('a worker that dies', () => {
  it('after the POST leaves a part that is never sent again blindly', async () => {
    scene.messenger.answers.push(() => new Promise(() => undefined));
    void deliver(scene, anItem());
    await new Promise(setImmediate);
    expect(scene.messenger.posts).toHaveLength(1);

    later(2 * minuteMs);
    scene.isolation = createIsolation();
    await deliver(scene, anItem());

    expect(scene.messenger.posts).toHaveLength(1);
    expect(recordOf(scene)).toMatchObject({ tried: 1, ambiguous: 2, crashes: 1 });
    later(13 * minuteMs);
    await drain(scene);
    expect(scene.messenger.posts).toHaveLength(1);
    expect(told(scene)).toEqual([['g1', 'Failed', 'GeneralError']]);
  });

  it('before the POST leaves nothing that looks sent', async () => {
    const { beginPart } = scene.sending;
    scene.sending.beginPart = () => new Promise(() => undefined);
    void deliver(scene, anItem());
    await new Promise(setImmediate);

    later(2 * minuteMs);
    scene.sending.beginPart = beginPart.bind(scene.sending);
    scene.isolation = createIsolation();
    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });

    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED', ambiguous: 0, crashes: 1 });
    expect(texts(scene)).toEqual(['text of g1']);
  });

  it('three times over one message gives it up, tells the agent and goes on with the next', async () => {
    const { beginPart } = scene.sending;
    scene.sending.beginPart = () => new Promise(() => undefined);
    for (let crash = 0; crash < 3; crash += 1) {
      scene.isolation = createIsolation();
      void deliver(scene, anItem());
      await new Promise(setImmediate);
      later(2 * minuteMs);
    }
    scene.sending.beginPart = beginPart.bind(scene.sending);
    scene.isolation = createIsolation();

    await deliver(scene, anItem());
    await deliver(scene, anItem({ id: 'g2' }));

    expect(recordOf(scene)).toMatchObject({ status: 'FAILED', reason: 'GeneralError:poison' });
    expect(told(scene)).toEqual([['g1', 'Failed', 'GeneralError']]);
    expect(texts(scene)).toEqual(['text of g2']);
  });

  it('with the answer of the ledger lost has its part proven by the status', async () => {
    const { partSent } = scene.sending;
    scene.sending.partSent = () => Promise.reject(new BridgeError('store-unavailable', 'lost'));
    await expect(deliver(scene, anItem())).rejects.toMatchObject({ kind: 'store-unavailable' });
    scene.sending.partSent = partSent.bind(scene.sending);

    later(2 * minuteMs);
    await hearStatus(scene, 'g1');
    await deliver(scene, anItem());

    expect(scene.messenger.posts).toHaveLength(1);
    // Once when it was found, once more when it was looked at alone.
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED', ambiguous: 2 });
  });
});

describe('trouble that may pass', () => {
  it('holds the customer’s queue, with growing delays', async () => {
    scene.messenger.answers.push(refused('provider-unavailable'), refused('provider-unavailable'));

    expect(await deliver(scene, anItem())).toEqual({ state: 'hold', delayMs: 1500 });
    expect(await deliver(scene, anItem())).toEqual({ state: 'hold', delayMs: 3000 });
    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });

    expect(scene.messenger.posts).toHaveLength(3);
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED', ambiguous: 0 });
  });

  it('that lasts parks the message with the rest of its record, and the park is drained in order', async () => {
    const body = aBody(scene, [anItem({ id: 'g1' }), anItem({ id: 'g2' })]);
    scene.messenger.answers.push(refused('provider-unavailable', { retryAfterMs: 2 * minuteMs }));

    expect(await receive(scene, body)).toEqual({ state: 'done' });
    expect(await parkedKeys(scene)).toEqual([key('g1'), key('g2')]);
    scene.messenger.answers.push(refused('provider-unavailable'));
    expect(await drain(scene)).toMatchObject({ state: 'waiting', waitSeconds: expect.any(Number) });
    expect(recordOf(scene)).toMatchObject({ status: 'PARKED', tried: 0 });
    expect(await drain(scene)).toMatchObject({ state: 'open' });

    expect(texts(scene)).toEqual(['text of g1', 'text of g1', 'text of g1', 'text of g2']);
    expect(await fence()).toMatchObject({ state: 'open' });
  });

  it('beyond the horizon ends each message in order, told to the agent before', async () => {
    scene.messenger.answers.push(refused('provider-unavailable', { retryAfterMs: 2 * minuteMs }));
    await deliver(scene, anItem());
    await deliver(scene, anItem({ id: 'g2' }), { sequenceNumber: '8' });
    later(24 * hourMs);
    // WhatsApp is still away: its gate would let nobody in.
    scene.gate.closedFor.push(5000, 5000);

    expect(await drain(scene)).toMatchObject({ state: 'open' });

    expect(texts(scene)).toEqual(['text of g1']);
    expect(told(scene)).toEqual([
      ['g1', 'Failed', 'MessageExpired'],
      ['g2', 'Failed', 'MessageExpired'],
    ]);
    expect([recordOf(scene, 'g1')?.status, recordOf(scene, 'g2')?.status]).toEqual(['EXPIRED', 'EXPIRED']);
  });

  it('of one customer’s pace lets that customer wait 4^n seconds, and nobody else', async () => {
    const pair = refusedWith(131056, 'throttled');
    scene.messenger.answers.push(pair, pair, pair, pair);

    const outcomes = [];
    for (let attempt = 0; attempt < 3; attempt += 1) outcomes.push(await deliver(scene, anItem()));
    later(21_000);
    outcomes.push(await deliver(scene, anItem()));

    expect(outcomes).toEqual([
      { state: 'hold', delayMs: 1000 },
      { state: 'hold', delayMs: 4000 },
      { state: 'hold', delayMs: 16_000 },
      { state: 'done' },
    ]);
    expect(scene.gate.reports).toEqual(['delivered', 'delivered', 'delivered', 'delivered']);
    expect(recordOf(scene)).toMatchObject({ status: 'PARKED', reason: 'throttled' });
  });

  it('of the number’s pace is told to the gate and never parks', async () => {
    scene.messenger.answers.push(refusedWith(130429, 'throttled'));
    await deliver(scene, anItem());
    later(10 * minuteMs);
    scene.messenger.answers.push(refusedWith(130429, 'throttled'));

    expect(await deliver(scene, anItem())).toMatchObject({ state: 'hold' });
    expect(scene.gate.reports).toMatchObject([
      { failure: { kind: 'throttled' } },
      { failure: { kind: 'throttled' } },
    ]);
  });

  it('with the token is told to the gate, waits, and goes out when the token is good again', async () => {
    const body = aBody(scene, [anItem()]);
    scene.messenger.answers.push(refusedWith(190, 'credential-rejected'));
    await receive(scene, body);
    expect(scene.gate.reports).toMatchObject([{ failure: { kind: 'credential-rejected' } }]);

    scene.gate.closedFor.push(20_000);
    later(minuteMs);
    await receive(scene, body);
    expect(recordOf(scene)).toMatchObject({ status: 'PARKED', reason: 'circuit' });

    expect(await drain(scene)).toMatchObject({ state: 'open' });
    expect(texts(scene)).toEqual(['text of g1', 'text of g1']);
    expect(recordOf(scene)?.status).toBe('DELIVERED');
  });
});

describe('a file', () => {
  const attachment = { url: 'https://x.example/a.png', mime: 'image/png', mediaType: 'Image' };
  const content = [{ contentType: 'Attachment', attachment }];
  const withFile = anItem({ message: { type: 'Text', text: 'Look', content } });
  const trouble = {
    state: 'trouble',
    failure: new BridgeError('provider-unavailable', 'x', { code: 'not-answered' }),
  } as const;

  it('that can never be sent ends the message, and the agent is told why', async () => {
    scene.files.answers.push({ state: 'refused', reason: 'MediaTypeNotAllowed', detail: 'file-refused' });

    expect(await deliver(scene, withFile)).toEqual({ state: 'done' });

    expect(told(scene)).toEqual([['g1', 'Failed', 'MediaTypeNotAllowed']]);
    expect(scene.messenger.posts).toEqual([]);
    expect(scene.telemetry.counters.FilesNotSent).toBe(1);
  });

  it('whose address stays dead does not block the customer: the agent is told, and the next reply goes out', async () => {
    scene.files.answers.push({ ...trouble, by: 'source' }, { ...trouble, by: 'source' });

    expect(await deliver(scene, withFile)).toMatchObject({ state: 'hold' });
    later(minuteMs);
    expect(await deliver(scene, withFile)).toEqual({ state: 'done' });
    await deliver(scene, anItem({ id: 'g2' }));

    expect(told(scene)).toEqual([['g1', 'Failed', 'GeneralError']]);
    expect(recordOf(scene)).toMatchObject({ status: 'FAILED', reason: 'GeneralError:not-answered' });
    expect(texts(scene)).toEqual(['text of g2']);
    expect(scene.gate.reports).toEqual(['unused', 'unused', 'delivered']);
  });

  it('that WhatsApp cannot take now waits like a send', async () => {
    scene.files.answers.push({ ...trouble, by: 'whatsapp' });
    expect(await deliver(scene, withFile)).toMatchObject({ state: 'hold' });
    expect(scene.gate.reports).toEqual([{ failure: trouble.failure }]);

    expect(await deliver(scene, withFile)).toEqual({ state: 'done' });
    expect(scene.messenger.posts).toHaveLength(1);
  });
});

describe('the fence', () => {
  it('takes what has few receives left before anything is tried', async () => {
    expect(await deliver(scene, anItem(), { receiveCount: 15 })).toEqual({ state: 'done' });

    expect(scene.messenger.posts).toEqual([]);
    expect(recordOf(scene)).toMatchObject({ status: 'PARKED', reason: 'few-receives' });
  });

  it('keeps in mind that a part may have been sent when its message is parked for few receives', async () => {
    scene.messenger.answers.push(unknown);
    await deliver(scene, anItem());
    await deliver(scene, anItem(), { receiveCount: 15 });

    expect(recordOf(scene)).toMatchObject({ status: 'PARKED', tried: 1 });
  });

  it('takes a message whose claim another worker holds, and the drain waits for that claim', async () => {
    scene.messenger.answers.push(() => new Promise(() => undefined));
    void deliver(scene, anItem());
    await new Promise(setImmediate);

    expect(await deliver(scene, anItem())).toEqual({ state: 'hold', delayMs: expect.any(Number) });
    expect(await deliver(scene, anItem(), { receiveCount: 15 })).toEqual({ state: 'done' });

    expect(await parkedKeys(scene)).toEqual([key('g1')]);
    expect(await drain(scene)).toMatchObject({ state: 'waiting' });
    expect(scene.messenger.posts).toHaveLength(1);
  });
});

describe('time', () => {
  it('too short for a POST sends nothing and comes again', async () => {
    expect(await deliver(scene, anItem(), { deadlineAt: scene.clock.now() + 1000 })).toEqual({
      state: 'hold',
      delayMs: 0,
    });
    expect(recordOf(scene)).toBeUndefined();
  });

  it('used up by the first part leaves the second for the next visit', async () => {
    scene.messenger.answers.push(() => {
      later(100_000);
      return { sent: true, wamid: 'w0' };
    });
    const deadlineAt = scene.clock.now() + 110_000;

    expect(await deliver(scene, twoParts, { deadlineAt })).toEqual({ state: 'hold', delayMs: 0 });
    expect(await deliver(scene, twoParts)).toEqual({ state: 'done' });

    expect(texts(scene).map((text) => text?.[0])).toEqual(['a', 'b']);
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED', ambiguous: 0 });
  });

  it('shorter than files are allowed is used for the first file, and the second one gets a visit of its own', async () => {
    const attachment = { url: 'https://x.example/a.png', mime: 'image/png', mediaType: 'Image' };
    const content = [1, 2].map(() => ({ contentType: 'Attachment', attachment }));
    const item = anItem({ message: { type: 'Text', content } });
    const receiveShortly = () => deliver(scene, item, { deadlineAt: scene.clock.now() + 20_000 });
    const now = scene.clock.now();

    expect(await receiveShortly()).toEqual({ state: 'hold', delayMs: 0 });
    expect(await receiveShortly()).toEqual({ state: 'done' });

    expect(scene.files.asked.map(({ part, deadlineAt }) => [part, deadlineAt - now])).toEqual([
      [0, 7000],
      [1, 7000],
    ]);
  });

  it('that another worker used for the same message ends this visit', async () => {
    scene.sending.beginPart = async () => false;

    expect(await deliver(scene, anItem())).toEqual({ state: 'hold', delayMs: 0 });
    expect(scene.messenger.posts).toEqual([]);
  });
});
