import { BridgeError } from '../../../lambdas/core/errors.ts';
import type { ReceiptOrder } from '../../../lambdas/flows/tell-receipt.ts';
import { tellReceipt } from '../../../lambdas/flows/tell-receipt.ts';
import type { ReceiptWorld } from './receipt-scene.ts';
import { addSentMessage, aReceiptWorld, messageKey } from './receipt-scene.ts';

const failed = { receipt: 'Failed', reason: { code: 'GeneralError', message: 'm' } } as const;
const down = new BridgeError('delivery-unknown', 'no answer');
const lost = { delivered: false, failure: down, effect: 'unknown' } as const;

let world: ReceiptWorld;
beforeEach(() => {
  world = aReceiptWorld();
  addSentMessage(world);
});

const tell = (over: Partial<ReceiptOrder> = {}) =>
  tellReceipt(
    {
      key: messageKey,
      numberId: '1',
      genesysId: 'd7d58935',
      to: '447700900001',
      customer: 'GB.1',
      receipt: 'Delivered',
      at: 5,
      correlationId: 'c',
      attempt: 1,
      deadlineAt: world.clock.now() + 60_000,
      ...over,
    },
    world,
  );
const statusesTold = () => world.deskReceipts.told.map(({ status }) => status);
const sending = () => world.ledger.records.get(messageKey)?.sending;

it('tells the desk once, with the customer’s share of the allowance, and remembers it', async () => {
  expect(await tell()).toEqual({ state: 'told' });
  expect(await tell()).toEqual({ state: 'told' });

  expect(world.deskReceipts.told).toEqual([
    { numberId: '1', genesysId: 'd7d58935', to: '447700900001', status: 'Delivered', at: 5 },
  ]);
  expect(world.gate.entered).toEqual(['1#GB.1', '1#GB.1']);
  expect(world.gate.reports).toEqual(['delivered', 'unused']);
  expect(sending()).toMatchObject({ receipt: 'Delivered', receiptToldAt: world.clock.now() });
  expect(world.telemetry.counters).toEqual({ 'Receipts.Delivered': 1 });
});

it('never tells another end after the first', async () => {
  await tell(failed);
  await tell();

  expect(statusesTold()).toEqual(['Failed']);
});

it('tells what it may have told before, whatever became of the message since', async () => {
  world.deskReceipts.answers.push(lost);
  const first = await tell();
  const second = await tell(failed);

  expect(first).toMatchObject({ state: 'hold' });
  expect(second).toEqual({ state: 'told' });
  expect(statusesTold()).toEqual(['Delivered', 'Delivered']);
  expect(world.telemetry.counters.ReceiptsRetried).toBe(1);
});

it('chooses anew what surely was not told', async () => {
  const refused = new BridgeError('throttled', 'slow down', { retryAfterMs: 7000 });
  world.deskReceipts.answers.push({ delivered: false, failure: refused, effect: 'none' });

  expect(await tell()).toMatchObject({ state: 'hold' });
  expect(await tell(failed)).toEqual({ state: 'told' });
  expect(statusesTold()).toEqual(['Delivered', 'Failed']);
});

it('keeps to what was perhaps told in the first of several attempts', async () => {
  const away = new BridgeError('provider-unavailable', 'refused');
  world.deskReceipts.answers.push(lost, { delivered: false, failure: away, effect: 'none' });

  await tell();
  await tell();
  await tell(failed);

  expect(statusesTold()).toEqual(['Delivered', 'Delivered', 'Delivered']);
});

it('waits as long as the desk asks for', async () => {
  const refused = new BridgeError('throttled', 'slow down', { retryAfterMs: 7000 });
  world.deskReceipts.answers.push({ delivered: false, failure: refused, effect: 'none' });

  const outcome = await tell();

  expect(outcome).toEqual({ state: 'hold', delayMs: expect.any(Number) });
  expect(outcome.state === 'hold' && outcome.delayMs).toBeGreaterThanOrEqual(7000);
});

it('waits longer with every attempt while the gate is closed', async () => {
  world.gate.closedFor.push(10, 10);

  expect(await tell({ attempt: 1 })).toEqual({ state: 'hold', delayMs: 1500 });
  expect(await tell({ attempt: 5 })).toEqual({ state: 'hold', delayMs: 24_000 });
  expect(world.deskReceipts.told).toEqual([]);
});

it('waits for a closed gate as long as the gate says', async () => {
  world.gate.closedFor.push(90_000);

  expect(await tell()).toEqual({ state: 'hold', delayMs: 90_000 });
});

it('says that it is told where the desk refuses it for good', async () => {
  const failure = new BridgeError('provider-rejected', 'unknown message', { status: 404 });
  world.deskReceipts.answers.push({ delivered: false, failure, effect: 'none' });

  expect(await tell()).toEqual({ state: 'told' });
  expect(await tell()).toEqual({ state: 'told' });
  expect(statusesTold()).toHaveLength(1);
  expect(world.telemetry.counters.ReceiptsRefused).toBe(1);
  expect(world.telemetry.problems.map(({ name }) => name)).toEqual(['receipt.refused']);
});

it('leaves the telling to whoever has begun it, until the lease is over', async () => {
  world.deskReceipts.answers.push(() => Promise.reject(new Error('the sandbox ends here')));
  await expect(tell()).rejects.toThrow('the sandbox ends here');

  expect(await tell()).toEqual({ state: 'hold', delayMs: 30_000 });
  world.clock.at += 30_000;
  expect(await tell(failed)).toEqual({ state: 'told' });

  expect(statusesTold()).toEqual(['Delivered', 'Delivered']);
  expect(sending()?.receiptAttempts).toBe(2);
});

it('does not begin what it cannot end in time', async () => {
  expect(await tell({ deadlineAt: world.clock.now() + 12_000 })).toEqual({ state: 'hold', delayMs: 0 });
  expect(world.gate.entered).toEqual([]);
});

it('tells nothing of a message that the ledger does not know', async () => {
  expect(await tell({ key: 'OUT#1#other' })).toEqual({ state: 'told' });
  expect(statusesTold()).toEqual([]);
});
