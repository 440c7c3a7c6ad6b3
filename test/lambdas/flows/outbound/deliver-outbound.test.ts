import { BridgeError } from '../../../../lambdas/core/errors.ts';
import { toAsciiJson } from '../../../../lambdas/core/model/envelope.ts';
import { outboundKey } from '../../../../lambdas/core/model/ledger-record.ts';
import { serviceWindowMs } from '../../../../lambdas/core/policy/service-window.ts';
import { hourMs, minuteMs } from '../../../fakes/parking.ts';
import {
  aBody,
  anItem,
  aScene,
  deliver,
  hear,
  parkedKeys,
  phone,
  receive,
  recordOf,
  refused,
  refusedWith,
  type Scene,
  texts,
  told,
  userId,
} from './outbound-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = aScene();
  await hear(scene);
});

const expectEnd = (status: string, reason: string, id = 'g1') =>
  expect(recordOf(scene, id)).toMatchObject({ status, reason });

describe('a reply', () => {
  it('goes out once, tagged with its own id, and is settled', async () => {
    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });

    expect(scene.messenger.posts).toEqual([
      { target: { phone }, message: { type: 'text', text: { body: 'text of g1' } }, tag: 'g1.0' },
    ]);
    expect(recordOf(scene)).toMatchObject({
      status: 'DELIVERED',
      customer: userId,
      genesysId: 'g1',
      receiptTo: phone,
      tried: 0,
      sending: { partsTotal: 1, partsDone: 1, wamids: { 0: 'wamid.1' } },
    });
    expect(scene.ledger.sent.get('WAMID#1#wamid.1')).toMatchObject({
      genesysId: 'g1',
      snippet: 'text of g1',
    });
    expect(told(scene)).toEqual([]);
  });

  it('goes out once in the storm of repeated webhooks of Genesys', async () => {
    for (const sequenceNumber of ['7', '8', '9', '10', '11', '12'])
      await deliver(scene, anItem(), { sequenceNumber });

    expect(scene.messenger.posts).toHaveLength(1);
    expect(scene.telemetry.counters.RepliesDuplicate).toBe(5);
  });

  it('longer than WhatsApp takes goes as several messages, in order', async () => {
    const text = Array.from({ length: 1500 }, (_, index) => `word${index}`).join(' ');

    await deliver(scene, anItem({ message: { type: 'Text', text } }));

    const sent = texts(scene);
    expect(sent.length).toBeGreaterThan(2);
    expect(sent.join(' ')).toBe(text);
    expect(scene.messenger.posts.map(({ tag }) => tag)).toEqual(sent.map((_, part) => `g1.${part}`));
  });

  it('resumes at the part that failed', async () => {
    const text = `${'a'.repeat(4000)} ${'b'.repeat(4000)} ${'c'.repeat(100)}`;
    const item = anItem({ message: { type: 'Text', text } });
    scene.messenger.answers.push({ sent: true, wamid: 'w0' }, refused('provider-unavailable'));

    expect(await deliver(scene, item)).toMatchObject({ state: 'hold' });
    expect(await deliver(scene, item)).toEqual({ state: 'done' });

    expect(texts(scene).map((sent) => sent?.[0])).toEqual(['a', 'b', 'b', 'c']);
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED', sending: { partsDone: 3, partsTotal: 3 } });
  });

  it('with eleven quick replies goes as numbered text and is not refused', async () => {
    const content = Array.from({ length: 11 }, (_, index) => ({
      contentType: 'QuickReply',
      quickReply: { text: `choice ${index}`, payload: `p${index}`, action: 'Message' },
    }));

    await deliver(scene, anItem({ message: { id: 'g1', type: 'Structured', text: 'Choose', content } }));

    expect(scene.messenger.posts.map(({ message }) => message.type)).toEqual(['text']);
    expect(texts(scene)[0]).toContain('choice 10');
  });

  it('remembers what its buttons stand for', async () => {
    const quickReply = { text: 'Track order', payload: 'track', action: 'Message' };
    const content = [{ contentType: 'QuickReply', quickReply }];

    await deliver(scene, anItem({ message: { id: 'g1', type: 'Structured', text: 'How?', content } }));

    const sent = await scene.ledger.readOriginating('1', 'wamid.1');
    expect(sent?.genesysId).toBe('g1');
    expect(Object.values(sent?.options ?? {})).toEqual([
      { type: 'QuickReply', text: 'Track order', payload: 'track' },
    ]);
  });

  it.each([
    ['that is empty', { type: 'Text', text: ' ' }, 'InvalidMessageStructure'],
    [
      'of an unknown kind',
      { type: 'Structured', content: [{ contentType: 'Hologram' }] },
      'UnsupportedMessage',
    ],
    ['that is no message at all', 'hello', 'InvalidMessageStructure'],
  ])('%s is told to the agent and fails visibly', async (_name, message, reason) => {
    expect(await deliver(scene, anItem({ message }))).toEqual({ state: 'done' });

    expect(told(scene)).toEqual([['g1', 'Failed', reason]]);
    expect(recordOf(scene)?.status).toBe('FAILED');
    expect(scene.messenger.posts).toEqual([]);
  });

  it('is delivered although it cannot be remembered for quotes', async () => {
    scene.sending.rememberSent = () => Promise.reject(new BridgeError('store-unavailable', 'down'));

    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });

    expect(recordOf(scene)?.status).toBe('DELIVERED');
    expect(scene.telemetry.problems).toMatchObject([{ name: 'reply.not-remembered' }]);
  });

  it('opens a claim check, and refuses one that leads to another', async () => {
    const put = (key: string, body: string) => scene.archive.put(key, new TextEncoder().encode(body));
    const check = (claimCheck: string) => toAsciiJson({ v: 1, claimCheck, correlationId: 'c' });
    await put('claims/a', aBody(scene, [anItem()]));
    await put('claims/b', check('claims/a'));

    await receive(scene, check('claims/a'));

    expect(recordOf(scene)?.status).toBe('DELIVERED');
    await expect(receive(scene, check('claims/b'))).rejects.toThrow(SyntaxError);
    await expect(receive(scene, '{"v":1,"items":[]}')).rejects.toThrow(SyntaxError);
  });
});

describe('a refusal by WhatsApp', () => {
  it.each([
    [131026, 'InvalidDestination'],
    [131050, 'RecipientOptedOut'],
    [131049, 'RateLimited'],
    [100, 'InvalidMessageStructure'],
    [999999, 'GeneralError'],
  ])('with code %i is told before the ledger says FAILED', async (code, reason) => {
    scene.messenger.answers.push(refusedWith(code));
    const statusWhenTold: unknown[] = [];
    scene.deskReceipts.answers.push(async () => {
      statusWhenTold.push(recordOf(scene)?.status);
      return { delivered: true };
    });

    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });

    expect(statusWhenTold).toEqual(['INFLIGHT']);
    expect(told(scene)).toEqual([['g1', 'Failed', reason]]);
    expectEnd('FAILED', `${reason}:${code}`);
  });

  it('is not forgotten while the desk is away: the message is never sent after all', async () => {
    scene.messenger.answers.push(refusedWith(131026));
    const away = new BridgeError('provider-unavailable', 'away');
    scene.deskReceipts.answers.push({ delivered: false, failure: away, effect: 'none' });

    expect(await deliver(scene, anItem())).toMatchObject({ state: 'hold' });
    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });

    expect(scene.messenger.posts).toHaveLength(1);
    expect(told(scene)).toHaveLength(2);
    expectEnd('FAILED', 'InvalidDestination:131026');
  });

  it('waits in the park when the desk is away for long', async () => {
    scene.messenger.answers.push(refusedWith(131026));
    const failure = new BridgeError('provider-unavailable', 'away', { retryAfterMs: 2 * minuteMs });
    scene.deskReceipts.answers.push({ delivered: false, failure, effect: 'none' });

    expect(await deliver(scene, anItem())).toEqual({ state: 'done' });

    expect(recordOf(scene)).toMatchObject({ status: 'PARKED', reason: 'desk-not-told' });
    expect(await parkedKeys(scene)).toEqual([outboundKey('1', 'g1')]);
  });

  it('is told as far as possible when the desk does not know the message', async () => {
    scene.messenger.answers.push(refusedWith(131026));
    const failure = new BridgeError('provider-rejected', 'unknown', { status: 404 });
    scene.deskReceipts.answers.push({ delivered: false, failure, effect: 'none' });

    await deliver(scene, anItem());

    expect(recordOf(scene)?.status).toBe('FAILED');
  });

  it('of a part leaves what went out before and ends the message', async () => {
    const text = `${'a'.repeat(4000)} ${'b'.repeat(4000)}`;
    scene.messenger.answers.push({ sent: true, wamid: 'w0' }, refusedWith(131026));

    await deliver(scene, anItem({ message: { type: 'Text', text } }));

    expect(texts(scene)).toHaveLength(2);
    expect(told(scene)).toEqual([['g1', 'Failed', 'InvalidDestination']]);
  });
});

describe('WhatsApp’s window', () => {
  const silentFor = async (agoMs: number, settings = {}) => {
    scene = aScene(settings);
    await hear(scene, { agoMs });
  };

  it('is open until 24 hours have passed, to the millisecond', async () => {
    await silentFor(serviceWindowMs - 1);
    await deliver(scene, anItem());
    expect(texts(scene)).toEqual(['text of g1']);

    await silentFor(serviceWindowMs);
    await deliver(scene, anItem());
    expect(texts(scene)).toEqual([]);
    expect(told(scene)).toEqual([['g1', 'Failed', 'MessageNotAllowed']]);
    expectEnd('FAILED', 'MessageNotAllowed:window-closed');
  });

  it('is looked at once more before anything is refused: a message may be coming in at this moment', async () => {
    await silentFor(serviceWindowMs);
    const peek = scene.directory.peek.bind(scene.directory);
    scene.directory.peek = async (...args) => {
      const profile = await peek(...args);
      await hear(scene, { agoMs: 0 });
      return profile;
    };

    await deliver(scene, anItem());

    expect(texts(scene)).toEqual(['text of g1']);
  });

  it('that cannot be looked at once more ends nothing: the claim is given back', async () => {
    await silentFor(serviceWindowMs);
    const peek = scene.directory.peek.bind(scene.directory);
    let looks = 0;
    scene.directory.peek = async (...args) => {
      looks += 1;
      if (looks > 1) throw new BridgeError('store-unavailable', 'no');
      return peek(...args);
    };

    await expect(deliver(scene, anItem())).rejects.toMatchObject({ kind: 'store-unavailable' });

    expect(recordOf(scene)).toMatchObject({ status: 'INFLIGHT', leaseUntil: 0, open: 0 });
    expect(told(scene)).toEqual([]);
  });

  it('closed by WhatsApp’s own clock means the same', async () => {
    scene.messenger.answers.push(refusedWith(131047));

    await deliver(scene, anItem());

    expect(told(scene)).toEqual([['g1', 'Failed', 'MessageNotAllowed']]);
    expect(scene.deskReceipts.told[0]?.reason?.message).toMatch(/24 hours/);
  });

  it('closed lets the tenant’s template invite the customer, once per silence, and the agent is told what happened', async () => {
    await silentFor(serviceWindowMs, { reengagement: { name: 'come_back', language: 'en' } });

    await deliver(scene, anItem({ id: 'g1' }));
    await deliver(scene, anItem({ id: 'g2' }));

    expect(scene.messenger.posts).toEqual([
      {
        target: { phone },
        message: { type: 'template', template: { name: 'come_back', language: { code: 'en' } } },
        tag: 'g1.invitation',
      },
    ]);
    expect(told(scene)).toEqual([
      ['g1', 'Failed', 'MessageNotAllowed'],
      ['g2', 'Failed', 'MessageNotAllowed'],
    ]);
    expectEnd('FAILED', 'MessageNotAllowed:window-closed-invited');
    expectEnd('FAILED', 'MessageNotAllowed:window-closed', 'g2');
  });

  it('closed leaves the invitation to a later reply when this visit has no time for it', async () => {
    await silentFor(hourMs, { reengagement: { name: 'come_back', language: 'en' } });
    const slowly = () => {
      scene.clock.at += 10_000;
      return refusedWith(131047);
    };
    scene.messenger.answers.push(slowly, slowly);

    await deliver(scene, anItem({ id: 'g1' }), { deadlineAt: scene.clock.now() + 20_000 });
    expect(scene.messenger.posts).toHaveLength(1);
    await deliver(scene, anItem({ id: 'g1' }));
    await deliver(scene, anItem({ id: 'g2' }));

    expect(scene.messenger.posts.map(({ tag }) => tag)).toEqual(['g1.0', 'g2.0', 'g2.invitation']);
    expectEnd('FAILED', 'MessageNotAllowed:window-closed');
    expectEnd('FAILED', 'MessageNotAllowed:window-closed-invited', 'g2');
  });

  it('closed is told all the same when the invitation fails', async () => {
    await silentFor(serviceWindowMs, { reengagement: { name: 'come_back', language: 'en' } });
    scene.messenger.answers.push(refusedWith(132001));

    await deliver(scene, anItem());

    expectEnd('FAILED', 'MessageNotAllowed:window-closed');
    expect(scene.telemetry.problems).toMatchObject([{ name: 'invitation.not-sent' }]);
  });

  it('closed is told all the same when nobody can note the invitation', async () => {
    await silentFor(serviceWindowMs, { reengagement: { name: 'come_back', language: 'en' } });
    scene.directory.inviteOnce = () => Promise.reject(new BridgeError('store-unavailable', 'down'));

    await deliver(scene, anItem());

    expect(scene.messenger.posts).toEqual([]);
    expectEnd('FAILED', 'MessageNotAllowed:window-closed');
    expect(scene.telemetry.problems).toMatchObject([{ name: 'invitation.not-noted' }]);
  });

  it('does not matter to templates', async () => {
    await silentFor(10 * serviceWindowMs);
    const message = { name: 'shipped', language: 'en', parameters: ['Ada'] };

    await deliver(scene, anItem({ kind: 'template', message }));

    expect(scene.messenger.posts.map(({ message: { type } }) => type)).toEqual(['template']);
    expect(recordOf(scene)).toMatchObject({ status: 'DELIVERED', messageType: 'template' });
    expect(recordOf(scene)).not.toHaveProperty('receiptTo');
  });

  it('was never opened by a customer who never wrote', async () => {
    await deliver(scene, anItem({ to: '4999' + '12345' }));

    expect(scene.messenger.posts).toEqual([]);
    expect(told(scene)).toEqual([['g1', 'Failed', 'MessageNotAllowed']]);
  });
});

describe('what Genesys knows nothing of', () => {
  it('fails without a receipt', async () => {
    scene.messenger.answers.push(refusedWith(131026));
    await deliver(scene, anItem({ id: 'c', kind: 'closing', message: { text: 'Bye' } }));
    await deliver(scene, anItem({ id: 't', kind: 'template', message: {} }));

    expect(texts(scene)).toEqual(['Bye']);
    expect(recordOf(scene, 'c')?.status).toBe('FAILED');
    expect(recordOf(scene, 't')?.status).toBe('FAILED');
    expect(told(scene)).toEqual([]);
  });
});

describe('a copy that an operator forced', () => {
  it('has a record and a tag of its own and tells Genesys nothing more', async () => {
    const replay = { number: '0001', forced: 'the customer lost it' };
    await deliver(scene, anItem());
    await receive(scene, aBody(scene, [anItem()], { replay }), { sequenceNumber: '8' });
    scene.messenger.answers.push(refusedWith(131026));
    await receive(scene, aBody(scene, [anItem()], { replay: { ...replay, number: '0002' } }));

    const copy = scene.ledger.records.get(`${outboundKey('1', 'g1')}#FORCED#0001`);
    expect(copy).toMatchObject({ status: 'DELIVERED', forced: 'the customer lost it' });
    expect(copy).not.toHaveProperty('receiptTo');
    expect(scene.messenger.posts.map(({ tag }) => tag)).toEqual([
      'g1.0',
      'g1#FORCED#0001.0',
      'g1#FORCED#0002.0',
    ]);
    expect(told(scene)).toEqual([]);
  });
});

describe('a number', () => {
  it('that is unknown or suspended delivers nothing, visibly', async () => {
    await receive(scene, aBody(scene, [anItem({ id: 'a' })], { numberId: '3' }));
    await receive(scene, aBody(scene, [anItem({ id: 'b' })], { numberId: '2' }));

    const status = (number: string, id: string) => scene.ledger.records.get(outboundKey(number, id))?.status;
    expect([status('3', 'a'), status('2', 'b')]).toEqual(['QUARANTINED', 'HELD']);
    expect(scene.messenger.posts).toEqual([]);
  });
});

describe('a store that fails', () => {
  const broken = new BridgeError('store-unavailable', 'down');

  it('fails the record when the customer cannot be looked up, and gives the claim back', async () => {
    const { peek } = scene.directory;
    scene.directory.peek = () => Promise.reject(broken);
    await expect(deliver(scene, anItem())).rejects.toBe(broken);
    expect(recordOf(scene)).toMatchObject({ status: 'INFLIGHT', leaseUntil: 0, tried: 0 });

    scene.directory.peek = peek;
    await deliver(scene, anItem());
    expect(texts(scene)).toEqual(['text of g1']);
  });

  it('fails the record when a file needs what cannot be had, and gives the claim back', async () => {
    scene.files.answers.push(broken);
    const attachment = { url: 'https://x.example/a.png', mime: 'image/png', mediaType: 'Image' };
    const message = { type: 'Text', content: [{ contentType: 'Attachment', attachment }] };

    await expect(deliver(scene, anItem({ message }))).rejects.toBe(broken);

    expect(recordOf(scene)).toMatchObject({ status: 'INFLIGHT', leaseUntil: 0, tried: 0 });
  });
});
