// The middy chain of every mover: groups side by side, the records of one group strictly in order, and a partial batch
// reply. A record that has to wait makes the rest of its group wait with it; nothing is remembered between invocations.
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { BridgeError } from '../core/errors.ts';
import type { BackoffSettings } from '../core/policy/retry.ts';
import { recordDelayMs } from '../core/policy/retry.ts';
import type { Clock, Randomness, Sleeper } from '../core/ports.ts';
import type { FlushedTelemetry } from './telemetry.ts';

export interface QueuedRecord {
  body: string;
  sequenceNumber: string;
  receiveCount: number;
  /** End of this invocation, epoch ms. */
  deadlineAt: number;
}

export type RecordOutcome = { state: 'done' } | { state: 'hold'; delayMs: number };

export interface QueueHandlerOptions {
  processRecord(record: QueuedRecord): Promise<RecordOutcome>;
  /** Makes records visible again after `delaySeconds`, all at the same time. */
  changeVisibility(receiptHandles: readonly string[], delaySeconds: number): Promise<void>;
  /** Deletes records that are done; those that were done and not deleted are deleted with the batch. */
  deleteRecords(receiptHandles: readonly string[]): Promise<void>;
  telemetry: FlushedTelemetry;
  clock: Clock;
  sleeper: Sleeper;
  randomness: Randomness;
  backoff: BackoffSettings;
}

/** From then on a batch deletes what is done itself; shorter ones cost no call of their own. */
const longBatchMs = 1000;

export type QueueHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

export function createQueueHandler(options: QueueHandlerOptions): QueueHandler {
  const handle = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const deadlineAt = options.clock.now() + context.getRemainingTimeInMillis();
    const groups = Map.groupBy(
      event.Records,
      (record) => record.attributes.MessageGroupId ?? record.messageId,
    );
    const early = new EarlyDeletion(groups.size, options);
    const waiting = await Promise.all(
      [...groups.values()].map(async (records) => {
        const left = await processGroup(records, deadlineAt, options);
        early.addFinished(records.slice(0, records.length - left.length));
        return left;
      }),
    );
    await early.end();
    return { batchItemFailures: waiting.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
  return middy<SQSEvent, SQSBatchResponse>(handle, { timeoutEarlyInMillis: 0 })
    .after(() => options.telemetry.flush())
    .onError((request) => {
      options.telemetry.problem('batch.failed', request.error);
      options.telemetry.flush();
    }) as unknown as QueueHandler;
}

/**
 * A group stays locked while any of its records is in flight, and the batch's answer waits for its slowest group.
 * So once that takes long, what is done is deleted at once: nobody waits behind another customer's media.
 */
class EarlyDeletion {
  readonly #options: QueueHandlerOptions;
  readonly #deletions: Promise<void>[] = [];
  #unfinishedGroups: number;
  #done: string[] = [];
  #isLate = false;
  readonly #end = Promise.withResolvers<void>();

  constructor(groups: number, options: QueueHandlerOptions) {
    this.#options = options;
    this.#unfinishedGroups = groups;
    void options.sleeper.sleep(longBatchMs, this.#end.promise).then(() => {
      this.#isLate = true;
      this.#deleteDone();
    });
  }

  addFinished(records: readonly SQSRecord[]): void {
    this.#unfinishedGroups -= 1;
    this.#done.push(...records.map(({ receiptHandle }) => receiptHandle));
    if (this.#isLate) this.#deleteDone();
  }

  async end(): Promise<void> {
    this.#end.resolve();
    await Promise.all(this.#deletions);
  }

  /** The last group needs none of this: its batch ends with it. */
  #deleteDone(): void {
    const handles = this.#done;
    if (handles.length === 0 || this.#unfinishedGroups === 0) return;
    this.#done = [];
    const { deleteRecords, telemetry } = this.#options;
    this.#deletions.push(
      deleteRecords(handles).catch((error: unknown) =>
        telemetry.problem('record.delete-failed', error, { records: handles.length }),
      ),
    );
  }
}

/** Answers the records that have to come again. */
async function processGroup(
  records: readonly SQSRecord[],
  deadlineAt: number,
  options: QueueHandlerOptions,
): Promise<readonly SQSRecord[]> {
  for (const [index, record] of records.entries()) {
    const outcome = await processOne(record, deadlineAt, options);
    if (outcome.state === 'done') continue;
    const waiting = records.slice(index);
    await hold(waiting, outcome.delayMs, options);
    return waiting;
  }
  return [];
}

async function processOne(
  record: SQSRecord,
  deadlineAt: number,
  options: QueueHandlerOptions,
): Promise<RecordOutcome> {
  const receiveCount = Number(record.attributes.ApproximateReceiveCount);
  try {
    return await options.processRecord({
      body: record.body,
      sequenceNumber: record.attributes.SequenceNumber ?? '0',
      receiveCount,
      deadlineAt,
    });
  } catch (error) {
    const failure =
      error instanceof BridgeError
        ? error
        : new BridgeError('invariant-broken', 'the worker failed', {}, error);
    options.telemetry.count('RecordsFailed');
    options.telemetry.problem('record.failed', error, { ...trace(record), receiveCount });
    return {
      state: 'hold',
      delayMs: recordDelayMs(failure, receiveCount, options.backoff, options.randomness.next()),
    };
  }
}

/**
 * The group stays locked until its last record is visible, so all of them wait equally long.
 * When the wait cannot be set, the queue's own visibility timeout is the wait.
 */
async function hold(
  records: readonly SQSRecord[],
  delayMs: number,
  options: QueueHandlerOptions,
): Promise<void> {
  try {
    await options.changeVisibility(
      records.map(({ receiptHandle }) => receiptHandle),
      Math.ceil(delayMs / 1000),
    );
  } catch (error) {
    options.telemetry.problem('record.hold-failed', error, { ...trace(records[0]), records: records.length });
  }
}

/** Finds a record's correlation id without understanding its body, since a record may fail for not being understood. */
function trace(record: SQSRecord | undefined): { sqsMessageId?: string; correlationId?: string } {
  if (!record) return {};
  const [, correlationId] = /"correlationId":"([\w+/=.-]{1,128})"/.exec(record.body) ?? [];
  return { sqsMessageId: record.messageId, ...(correlationId === undefined ? {} : { correlationId }) };
}
