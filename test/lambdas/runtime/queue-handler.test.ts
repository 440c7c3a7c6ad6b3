import './middy-in-jest.ts';

import type { Context, SQSRecord } from 'aws-lambda';
import { BridgeError } from '../../../lambdas/core/errors.ts';
import type {
  QueuedRecord,
  QueueHandlerOptions,
  RecordOutcome,
} from '../../../lambdas/runtime/queue-handler.ts';
import { createQueueHandler } from '../../../lambdas/runtime/queue-handler.ts';
import { aLambdaContext, anSqsRecord } from '../../builders.ts';
import { CountingRandomness, HandClock, HandSleeper } from '../../fakes/outside-world.ts';
import { RecordingFlushedTelemetry } from './flushed-telemetry.ts';

type Process = QueueHandlerOptions['processRecord'];

const done: RecordOutcome = { state: 'done' };
const hold = (delayMs: number): RecordOutcome => ({ state: 'hold', delayMs });

/** A handler whose records, named by their body, end as `process` says. */
function aHandler(process: Process, over: Partial<QueueHandlerOptions> = {}) {
  const telemetry = new RecordingFlushedTelemetry();
  const clock = new HandClock();
  const processed: QueuedRecord[] = [];
  const deleted: (readonly string[])[] = [];
  const sleeper = new HandSleeper();
  const waits: { receiptHandles: readonly string[]; delaySeconds: number }[] = [];
  const handler = createQueueHandler({
    processRecord: (record) => {
      processed.push(record);
      return process(record);
    },
    changeVisibility: async (receiptHandles, delaySeconds) => {
      waits.push({ receiptHandles, delaySeconds });
    },
    deleteRecords: async (receiptHandles) => {
      deleted.push(receiptHandles);
    },
    telemetry,
    clock,
    sleeper,
    randomness: new CountingRandomness(),
    backoff: { backoffBaseMs: 2000, backoffCapMs: 60_000 },
    ...over,
  });
  const handle = (records: SQSRecord[], context: Context = aLambdaContext()) =>
    handler({ Records: records }, context);
  return {
    handle,
    telemetry,
    clock,
    processed,
    waits,
    deleted,
    sleeper,
    bodies: () => processed.map(({ body }) => body),
  };
}

/** Record `a1` is the first of group `a`. */
const aRecord = (name: string, over: Parameters<typeof anSqsRecord>[0] = {}) =>
  anSqsRecord({ messageId: name, group: name.slice(0, 1), body: name, ...over });
const failing = (...names: string[]) => ({
  batchItemFailures: names.map((itemIdentifier) => ({ itemIdentifier })),
});

describe('a batch', () => {
  it('that went well answers that nothing has to come again', async () => {
    const { handle, telemetry, waits } = aHandler(async () => done);

    expect(await handle([aRecord('a1'), aRecord('b1')])).toEqual({ batchItemFailures: [] });
    expect(waits).toEqual([]);
    expect(telemetry.flushes).toBe(1);
    expect(telemetry.problems).toEqual([]);
  });

  it('hands over what a record carries', async () => {
    const { handle, processed, clock } = aHandler(async () => done);

    await handle([aRecord('a1', { receiveCount: 3 })], aLambdaContext(12_000));

    expect(processed).toEqual([
      { body: 'a1', sequenceNumber: 'seq-of-a1', receiveCount: 3, deadlineAt: clock.now() + 12_000 },
    ]);
  });

  it('may be empty', async () => {
    expect(await aHandler(async () => done).handle([])).toEqual({ batchItemFailures: [] });
  });

  it('takes a record without a group for a group of its own', async () => {
    const { handle } = aHandler(async ({ body }) => (body === 'x1' ? hold(0) : done));
    const withoutGroup = (name: string): SQSRecord => {
      const { MessageGroupId: _group, SequenceNumber: _sequence, ...attributes } = aRecord(name).attributes;
      return { ...aRecord(name), attributes };
    };

    expect(await handle([withoutGroup('x1'), withoutGroup('x2')])).toEqual(failing('x1'));
  });
});

describe('the groups of a batch', () => {
  it('run side by side', async () => {
    const started = new Set<string>();
    const release: (() => void)[] = [];
    const { handle } = aHandler(
      ({ body }) =>
        new Promise((resolve) => {
          started.add(body);
          release.push(() => resolve(done));
          // Nobody ends before all have begun.
          if (started.size === 10) for (const end of release) end();
        }),
    );

    await handle(Array.from('abcdefghij', (group) => aRecord(`${group}1`)));

    expect(started.size).toBe(10);
  });

  it('keep their records in order, one after another', async () => {
    let running = 0;
    const { handle, bodies } = aHandler(async ({ body }) => {
      if (body.startsWith('a')) running += 1;
      expect(running).toBeLessThanOrEqual(1);
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      if (body.startsWith('a')) running -= 1;
      return done;
    });

    await handle(['a1', 'b1', 'a2', 'b2', 'a3'].map((name) => aRecord(name)));

    expect(bodies().filter((body) => body.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(bodies().filter((body) => body.startsWith('b'))).toEqual(['b1', 'b2']);
  });
});

describe('a record that has to wait', () => {
  it('makes the rest of its group wait, and no other group', async () => {
    const { handle, bodies, waits } = aHandler(async ({ body }) => (body === 'a2' ? hold(1001) : done));

    const reply = await handle(['a1', 'b1', 'a2', 'b2', 'a3', 'b3'].map((name) => aRecord(name)));

    expect(reply).toEqual(failing('a2', 'a3'));
    expect(bodies()).not.toContain('a3');
    expect(bodies()).toContain('b3');
    expect(waits).toEqual([{ receiptHandles: ['receipt-of-a2', 'receipt-of-a3'], delaySeconds: 2 }]);
  });

  it.each([
    [0, 0],
    [1, 1],
    [1000, 1],
    [60_000, 60],
  ])('for %i ms waits %i s', async (delayMs, delaySeconds) => {
    const { handle, waits } = aHandler(async () => hold(delayMs));

    await handle([aRecord('a1')]);

    expect(waits.map((wait) => wait.delaySeconds)).toEqual([delaySeconds]);
  });

  it('comes again even when its wait cannot be set', async () => {
    const failure = new BridgeError('store-unavailable', 'queue visibility failed');
    const { handle, telemetry } = aHandler(async () => hold(1000), {
      changeVisibility: () => Promise.reject(failure),
    });

    expect(await handle([aRecord('a1'), aRecord('a2')])).toEqual(failing('a1', 'a2'));
    expect(telemetry.problems).toEqual([{ name: 'record.hold-failed', error: failure }]);
  });

  it('is forgotten with the invocation', async () => {
    const outcomes = [hold(1000), done, done];
    const { handle } = aHandler(async () => outcomes.shift() ?? done);

    expect(await handle([aRecord('a1'), aRecord('a2')])).toEqual(failing('a1', 'a2'));
    expect(await handle([aRecord('a1'), aRecord('a2')])).toEqual({ batchItemFailures: [] });
  });
});

describe('a record that fails', () => {
  it.each([
    ['a named failure', new BridgeError('store-unavailable', 'down'), 1, 2],
    ['a bug', new TypeError('a bug'), 1, 2],
    ['a bug, for the third time', new TypeError('a bug'), 3, 6],
    ['a failure that asks to wait', new BridgeError('throttled', 'slow', { retryAfterMs: 9000 }), 1, 10],
  ])('by %s holds its group by the back-off', async (_name, error, receiveCount, delaySeconds) => {
    const { handle, waits, telemetry } = aHandler(async ({ body }) => {
      if (body === 'a1') throw error;
      return done;
    });

    const reply = await handle([aRecord('a1', { receiveCount }), aRecord('a2'), aRecord('b1')]);

    expect(reply).toEqual(failing('a1', 'a2'));
    expect(waits).toEqual([{ receiptHandles: ['receipt-of-a1', 'receipt-of-a2'], delaySeconds }]);
    expect(telemetry.counters).toEqual({ RecordsFailed: 1 });
    expect(telemetry.problems).toEqual([{ name: 'record.failed', error }]);
  });
});

it('an error outside of any record fails the whole batch, logged and flushed', async () => {
  const { handle, telemetry } = aHandler(async () => done);
  const bug = new Error('no context');
  const context = {
    getRemainingTimeInMillis: () => {
      throw bug;
    },
  } as unknown as Context;

  await expect(handle([aRecord('a1')], context)).rejects.toBe(bug);
  expect(telemetry.problems).toEqual([{ name: 'batch.failed', error: bug }]);
  expect(telemetry.flushes).toBe(1);
});

it.each([
  ['an envelope', '{"v":1,"correlationId":"yvKE-hs4=","items":[]}', 'yvKE-hs4='],
  ['what no release has written', 'scrambled', undefined],
])('a record that failed with %s can be traced as far as it says', async (_name, body, correlationId) => {
  const traced: unknown[] = [];
  const telemetry = new RecordingFlushedTelemetry();
  Object.assign(telemetry, { problem: (...told: unknown[]) => traced.push(told[2]) });
  const { handle } = aHandler(() => Promise.reject(new Error('bug')), { telemetry });

  await handle([aRecord('a1', { body })]);

  expect(traced).toEqual([{ sqsMessageId: 'a1', receiveCount: 1, ...(correlationId && { correlationId }) }]);
});

describe('a batch with one slow group', () => {
  /** Group `s` goes on when `finish` is called. */
  function aSlowBatch(process: Process = async () => done, over: Partial<QueueHandlerOptions> = {}) {
    const slow = Promise.withResolvers<RecordOutcome>();
    const bench = aHandler((record) => (record.body.startsWith('s') ? slow.promise : process(record)), over);
    return { ...bench, finish: () => slow.resolve(done) };
  }
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it('deletes after a second what the others have done, so that their next messages come', async () => {
    const { handle, sleeper, deleted, finish } = aSlowBatch();

    const answer = handle([aRecord('s1'), aRecord('a1'), aRecord('a2'), aRecord('b1')]);
    await settled();
    expect(deleted).toEqual([]);
    sleeper.wakeAll();
    await settled();
    expect(sleeper.slept).toEqual([1000]);
    expect(deleted.map((handles) => handles.toSorted())).toEqual([
      ['receipt-of-a1', 'receipt-of-a2', 'receipt-of-b1'],
    ]);
    finish();

    expect(await answer).toEqual({ batchItemFailures: [] });
    expect(deleted).toHaveLength(1);
  });

  it('deletes later ones as they end, without those that have to wait', async () => {
    const later = Promise.withResolvers<RecordOutcome>();
    const { handle, sleeper, deleted, finish, waits } = aSlowBatch(({ body }) =>
      body === 'a2' ? later.promise : Promise.resolve(done),
    );

    const answer = handle([aRecord('s1'), aRecord('a1'), aRecord('a2')]);
    sleeper.wakeAll();
    await settled();
    expect(deleted).toEqual([]);
    later.resolve(hold(5000));
    await settled();
    expect(deleted).toEqual([['receipt-of-a1']]);
    finish();

    expect(await answer).toEqual(failing('a2'));
    expect(waits).toEqual([{ receiptHandles: ['receipt-of-a2'], delaySeconds: 5 }]);
  });

  it('that ends within the second leaves the deletion to the answer', async () => {
    const { handle, deleted, finish } = aSlowBatch();

    const answer = handle([aRecord('s1'), aRecord('a1')]);
    await settled();
    finish();

    await answer;
    await settled();
    expect(deleted).toEqual([]);
  });

  it('reports a deletion that failed and answers as ever', async () => {
    const failure = new BridgeError('store-unavailable', 'queue delete failed');
    const { handle, sleeper, telemetry, finish } = aSlowBatch(undefined, {
      deleteRecords: () => Promise.reject(failure),
    });

    const answer = handle([aRecord('s1'), aRecord('a1')]);
    await settled();
    sleeper.wakeAll();
    await settled();
    finish();

    expect(await answer).toEqual({ batchItemFailures: [] });
    expect(telemetry.problems).toEqual([{ name: 'record.delete-failed', error: failure }]);
  });
});
