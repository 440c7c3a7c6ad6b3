import fc from 'fast-check';
import { BridgeError } from '../../../lambdas/core/errors.ts';
import { toAsciiJson } from '../../../lambdas/core/model/envelope.ts';
import { forcedKey } from '../../../lambdas/core/model/ledger-record.ts';
import { deliverReceipts } from '../../../lambdas/flows/deliver-receipts.ts';
import { aLedgerRecord } from '../../builders.ts';
import type { ReceiptWorld } from './receipt-scene.ts';
import { addSentMessage, aReceiptWorld, messageKey } from './receipt-scene.ts';

let world: ReceiptWorld;
beforeEach(() => {
  world = aReceiptWorld();
});

type Json = Record<string, unknown>;

const aStatus = (status: string, over: Json = {}): Json => ({
  id: 'wamid.0',
  status,
  timestamp: '1795000000',
  recipient_id: '447700900001',
  biz_opaque_callback_data: 'd7d58935.0',
  ...(status === 'failed' ? { errors: [{ code: 131026, title: 'Message undeliverable' }] } : {}),
  ...over,
});

const envelopeOf = (items: readonly Json[], over: Json = {}): string =>
  toAsciiJson({
    v: 1,
    channel: 'meta',
    numberId: '1',
    receivedAt: world.clock.now(),
    rawKey: 'raw/a.json',
    correlationId: 'c',
    items,
    ...over,
  });

const deliver = (body: string, receiveCount = 1) =>
  deliverReceipts({ body, receiveCount, deadlineAt: world.clock.now() + 60_000 }, world);

const hear = (...statuses: Json[]) =>
  deliver(envelopeOf(statuses.map((message) => ({ id: 's', kind: 'status', message }))));

const told = () =>
  world.deskReceipts.told.map(({ status, reason }) => (reason === undefined ? status : [status, reason]));
const sending = () => world.ledger.records.get(messageKey)?.sending;
const done = { state: 'done' };

describe('a status of a message that WhatsApp took', () => {
  beforeEach(() => addSentMessage(world));

  it('costs Genesys nothing while the message is only sent, and proves that it was', async () => {
    expect(await hear(aStatus('sent'))).toEqual(done);

    expect(told()).toEqual([]);
    expect(world.gate.entered).toEqual([]);
    expect(sending()).toMatchObject({ wamids: { 0: 'wamid.0' }, statuses: ['0.sent'] });
  });

  it('is told to the desk with WhatsApp’s own time once it is delivered', async () => {
    expect(await hear(aStatus('delivered'))).toEqual(done);

    expect(world.deskReceipts.told).toEqual([
      {
        numberId: '1',
        genesysId: 'd7d58935',
        to: '447700900001',
        status: 'Delivered',
        at: 1_795_000_000_000,
      },
    ]);
    expect(world.telemetry.counters).toEqual({ 'Statuses.delivered': 1, 'Receipts.Delivered': 1 });
  });

  it('is told once, however many statuses follow in whatever order', async () => {
    await hear(aStatus('read'), aStatus('delivered'), aStatus('sent'), aStatus('read'), aStatus('failed'));

    expect(told()).toHaveLength(1);
    expect(world.deskReceipts.told[0]?.status).toBe('Delivered');
    expect(sending()?.statuses).toEqual(['0.delivered', '0.failed.131026', '0.read', '0.sent']);
  });

  it('is told as failed, with a reason of Genesys’ list and the raw code', async () => {
    await hear(aStatus('failed', { errors: [{ code: 131047 }] }), aStatus('delivered'));

    expect(told()).toEqual([
      [
        'Failed',
        {
          code: 'MessageNotAllowed',
          message: 'WhatsApp error 131047: the customer wrote last more than 24 hours ago',
        },
      ],
    ]);
    expect(sending()?.statuses).toContain('0.failed.131047');
    expect(world.telemetry.events.find(({ name }) => name === 'reply.failed')?.fields).toMatchObject({
      messageId: 'd7d58935',
      code: 131047,
      class: 'window',
      reason: 'MessageNotAllowed',
      known: true,
    });
  });

  it('is told as a general error when nobody knows the code, which is kept', async () => {
    await hear(aStatus('failed', { errors: [{ code: 999_999 }] }));

    expect(told()).toEqual([
      ['Failed', { code: 'GeneralError', message: expect.stringContaining('999999') }],
    ]);
    expect(sending()?.statuses).toEqual(['0.failed.999999']);
    expect(world.telemetry.counters.MetaErrorsUnknown).toBe(1);
  });

  it('keeps the words of WhatsApp to itself, since they may name the customer', async () => {
    const errors = [{ code: 131026, title: 'Secret Person', error_data: { details: 'Secret Person' } }];

    await hear(aStatus('failed', { errors }));

    expect(JSON.stringify([world.deskReceipts.told, world.telemetry])).not.toContain('Secret');
  });

  it('ends in the same state whatever the order and the repeats', async () => {
    const statuses = ['sent', 'delivered', 'read', 'played', 'failed'].map((name) => aStatus(name));
    const orders = fc.shuffledSubarray([...statuses, ...statuses], { minLength: 10 });

    await fc.assert(
      fc.asyncProperty(orders, async (order) => {
        world = aReceiptWorld();
        addSentMessage(world);

        for (const status of order) expect(await hear(status)).toEqual(done);

        const { receipt: _receipt, ...rest } = sending() ?? {};
        expect(rest).toMatchObject({
          wamids: { 0: 'wamid.0' },
          statuses: ['0.delivered', '0.failed.131026', '0.played', '0.read', '0.sent'],
        });
        expect(world.deskReceipts.told).toHaveLength(1);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a message of several parts', () => {
  beforeEach(() => addSentMessage(world, { sending: { partsTotal: 2 } }));
  const ofPart = (part: number, status: string) =>
    aStatus(status, { id: `wamid.${part}`, biz_opaque_callback_data: `d7d58935.${part}` });

  it('is delivered once all its parts are', async () => {
    await hear(ofPart(1, 'read'));
    expect(told()).toEqual([]);

    await hear(ofPart(0, 'sent'), ofPart(0, 'delivered'));
    expect(world.deskReceipts.told.map(({ status }) => status)).toEqual(['Delivered']);
  });

  it('fails with the first part that fails', async () => {
    await hear(ofPart(0, 'delivered'), ofPart(1, 'failed'), ofPart(0, 'failed'));

    expect(world.deskReceipts.told.map(({ status }) => status)).toEqual(['Failed']);
  });
});

describe('finding the message', () => {
  it('works while our own record of the send is still open', async () => {
    addSentMessage(world, { status: 'INFLIGHT', sending: { wamids: {}, partsDone: 0 } });

    await hear(aStatus('delivered'));

    expect(told()).toHaveLength(1);
    expect(world.ledger.records.get(messageKey)?.status).toBe('INFLIGHT');
  });

  it('goes by the wamid when there is no tag', async () => {
    addSentMessage(world);
    const sent = { genesysId: 'd7d58935', key: messageKey, part: 0, at: 1 };
    await world.sending.rememberSent('1', 'wamid.0', sent);

    await hear(aStatus('delivered', { biz_opaque_callback_data: undefined }));

    expect(told()).toHaveLength(1);
  });

  it('tells a forced copy apart from the first send', async () => {
    const copy = forcedKey(messageKey, '7');
    addSentMessage(world);
    addSentMessage(world, { key: copy });

    await hear(aStatus('delivered', { biz_opaque_callback_data: 'd7d58935#FORCED#7.0' }));

    expect(world.ledger.records.get(copy)?.sending?.receipt).toBe('Delivered');
    expect(sending()?.receipt).toBeUndefined();
  });

  it('counts a status of a message that is not ours, and goes on', async () => {
    addSentMessage(world);
    const foreign = { biz_opaque_callback_data: 'order-55.1', id: 'wamid.x' };

    const outcome = await hear(aStatus('delivered', foreign), aStatus('delivered'));

    expect(outcome).toEqual(done);
    expect(told()).toHaveLength(1);
    expect(world.telemetry.counters.StatusesUnknown).toBe(1);
    expect(world.ledger.records.size).toBe(1);
  });

  it('tells nobody of what the desk knows nothing of', async () => {
    addSentMessage(world);
    delete world.ledger.records.get(messageKey)?.receiptTo;

    expect(await hear(aStatus('delivered'))).toEqual(done);
    expect(told()).toEqual([]);
    expect(sending()?.statuses).toEqual(['0.delivered']);
  });
});

describe('odd statuses', () => {
  it.each<[string, unknown]>([
    ['a deprecated one', aStatus('deleted')],
    ['another deprecated one', aStatus('warning')],
    ['one of the future', aStatus('teleported')],
    ['one without a name', { id: 'wamid.0' }],
    ['one without an id', { ...aStatus('delivered'), id: undefined }],
    ['something else', 7],
    ['nothing', null],
  ])('%s is counted and passed over', async (_name, message) => {
    addSentMessage(world);

    expect(await deliver(envelopeOf([{ id: 's', kind: 'status', message }]))).toEqual(done);

    expect(told()).toEqual([]);
    expect(world.telemetry.counters).toEqual({ StatusesPassedOver: 1 });
  });

  it.each<[string, Json, object]>([
    ['a code as text', { errors: [{ code: '131026' }] }, { code: 'InvalidDestination' }],
    ['no errors', { errors: undefined }, { code: 'GeneralError' }],
    ['errors that are none', { errors: ['x', null, {}] }, { code: 'GeneralError' }],
  ])('a failure with %s is told', async (_name, over, reason) => {
    addSentMessage(world);

    await hear(aStatus('failed', over));

    expect(told()).toEqual([['Failed', expect.objectContaining(reason)]]);
  });

  it.each(['', 'soon', '-1', '99999999999999'])('a time of “%s” is now', async (timestamp) => {
    addSentMessage(world);

    await hear(aStatus('delivered', { timestamp }));

    expect(world.deskReceipts.told[0]?.at).toBe(world.clock.now());
  });
});

describe('trouble on the way to the desk', () => {
  const unreachable = new BridgeError('provider-unavailable', 'down');
  beforeEach(() => addSentMessage(world));

  it('holds the record, longer with every receive, and tells once in the end', async () => {
    const failure = { delivered: false, failure: unreachable, effect: 'none' } as const;
    world.deskReceipts.answers.push(failure, failure);
    const body = envelopeOf([{ id: 's', kind: 'status', message: aStatus('delivered') }]);

    const first = await deliver(body, 1);
    const second = await deliver(body, 4);
    const third = await deliver(body, 5);

    expect([first, second, third]).toEqual([
      { state: 'hold', delayMs: 1500 },
      { state: 'hold', delayMs: 12_000 },
      done,
    ]);
    expect(sending()?.statuses).toEqual(['0.delivered']);
    expect(world.telemetry.counters['Receipts.Delivered']).toBe(1);
  });

  it('leaves the items behind the held one for the next receive', async () => {
    world.deskReceipts.answers.push({ delivered: false, failure: unreachable, effect: 'none' });
    addSentMessage(world, { key: 'OUT#1#other', messageId: 'other' });
    const other = aStatus('delivered', { biz_opaque_callback_data: 'other.0' });

    expect(await hear(aStatus('delivered'), other)).toMatchObject({ state: 'hold' });
    expect(await hear(aStatus('delivered'), other)).toEqual(done);

    expect(world.deskReceipts.told.map(({ genesysId }) => genesysId)).toEqual([
      'd7d58935',
      'd7d58935',
      'other',
    ]);
  });

  it('fails the record when the ledger cannot be written', async () => {
    world.receipts.addStatus = async () => {
      throw new BridgeError('store-unavailable', 'throttled');
    };

    await expect(hear(aStatus('delivered'))).rejects.toMatchObject({ kind: 'store-unavailable' });
  });

  it('tells what was begun by a worker that crashed before it could write that down', async () => {
    jest.spyOn(world.receipts, 'receiptTold').mockRejectedValueOnce(new Error('the sandbox ends here'));

    await expect(hear(aStatus('delivered'))).rejects.toThrow('the sandbox ends here');
    expect(await hear(aStatus('delivered'))).toEqual({ state: 'hold', delayMs: 30_000 });
    world.clock.at += 30_000;
    expect(await hear(aStatus('delivered'))).toEqual(done);
    expect(await hear(aStatus('delivered'))).toEqual(done);

    expect(told()).toEqual(['Delivered', 'Delivered']);
    expect(sending()?.receiptAttempts).toBe(2);
  });
});

describe('Genesys’ own word on a customer’s message', () => {
  const inbound = 'IN#1#wamid.in';
  const verdict = (over: Json = {}) =>
    envelopeOf([{ id: 'genesys-1', kind: 'desk-receipt', message: { type: 'Receipt', ...over } }], {
      channel: 'genesys',
    });
  const addDelivered = () =>
    world.ledger.records.set(inbound, aLedgerRecord({ key: inbound, genesysId: 'genesys-1' }));
  const heard = () => world.ledger.records.get(inbound)?.deskReceipts;

  it('is recorded on the message', async () => {
    addDelivered();

    expect(await deliver(verdict({ status: 'Published' }))).toEqual(done);
    expect(await deliver(verdict({ status: 'Published' }))).toEqual(done);

    expect(heard()).toEqual(['Published']);
    expect(told()).toEqual([]);
    expect(world.telemetry.counters).toEqual({ 'DeskReceipts.Other': 2 });
  });

  it('is heard by operators when the agent will not see the message', async () => {
    addDelivered();

    await deliver(verdict({ status: 'Failed', reasons: [{ code: 'MessageExpired', message: 'secret' }] }));

    expect(heard()).toEqual(['Failed.MessageExpired']);
    expect(world.telemetry.counters['DeskReceipts.Failed']).toBe(1);
    expect(world.telemetry.events).toEqual([
      {
        name: 'message.failed-at-desk',
        fields: { genesysId: 'genesys-1', code: 'MessageExpired', correlationId: 'c', rawKey: 'raw/a.json' },
      },
    ]);
  });

  it('waits a moment for our own record, which may still be under way', async () => {
    const body = verdict({ status: 'Published' });

    expect(await deliver(body)).toEqual({ state: 'hold', delayMs: 1500 });
    addDelivered();
    expect(await deliver(body, 2)).toEqual(done);

    expect(heard()).toEqual(['Published']);
  });

  it('is counted when the message stays unknown', async () => {
    const body = verdict({ status: 'Published' });
    world.clock.at += 30_000;

    expect(await deliver(body)).toEqual(done);
    expect(world.telemetry.counters).toEqual({ DeskReceiptsUnknown: 1 });
  });

  it.each([{}, { status: 7 }, { status: 'DROP TABLE' }, { status: 'Failed', reasons: 'x' }])(
    'is recorded as far as it can be read: %j',
    async (message) => {
      addDelivered();

      expect(await deliver(verdict(message))).toEqual(done);
      expect(heard()).toEqual([message.status === 'Failed' ? 'Failed' : 'Unknown']);
    },
  );
});

it('opens an envelope that was too large for the queue', async () => {
  addSentMessage(world);
  const body = envelopeOf([{ id: 's', kind: 'status', message: aStatus('delivered') }]);
  await world.archive.put('claims/a', new TextEncoder().encode(body));

  expect(await deliver(toAsciiJson({ v: 1, claimCheck: 'claims/a', correlationId: 'c' }))).toEqual(done);
  expect(told()).toHaveLength(1);
});
