// Event source mapping of a queue: receives, invokes, deletes what was done. What failed is left to its visibility.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { AwsClientConfig } from './aws/local-aws.ts';
import { sandboxesPerFunction } from './function-host.ts';
import type { InvokeResult } from './invocation.ts';
import type { SourcePlan } from './plan.ts';
import { findFailedIds, toSqsRecord } from './sqs-event.ts';

export interface QueuePumpOptions {
  source: SourcePlan;
  queueUrl: string;
  client: AwsClientConfig;
  invoke: (functionName: string, event: unknown) => Promise<InvokeResult>;
  /** Told of trouble with the queue itself, in one line. */
  onTrouble: (line: string) => void;
}

export interface QueuePump {
  /** Ends the long poll; a batch being worked on is not waited for. */
  stop(): Promise<void>;
}

const longPollSeconds = 20;
const pauseAfterTroubleMs = 500;

/** Polls at once and until stopped. */
export function startQueuePump(options: QueuePumpOptions): QueuePump {
  const { source, queueUrl, invoke, onTrouble } = options;
  // Off AWS the client must not follow the host of the queue URL, but the endpoint it was given.
  const sqs = new SQSClient({ ...options.client, useQueueUrlAsEndpoint: false });
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve());
  });
  const batches = new Set<Promise<void>>();
  // A batch that waits for a sandbox would wait on its messages' visibility.
  const mostBatches = Math.min(source.maxConcurrency, sandboxesPerFunction);

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (batches.size >= mostBatches) {
        await Promise.race([...batches, stopped]);
        continue;
      }
      const messages = await receive();
      if (messages.length === 0) continue;
      const batch = workOff(messages).finally(() => batches.delete(batch));
      batches.add(batch);
    }
  }

  async function receive(): Promise<Message[]> {
    try {
      const answer = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: Math.min(source.batchSize, 10),
          WaitTimeSeconds: longPollSeconds,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
        { abortSignal: stopping.signal },
      );
      return answer.Messages ?? [];
    } catch (error) {
      if (stopping.signal.aborted) return [];
      onTrouble(`cannot receive from ${source.queueName}: ${String(error)}`);
      await Promise.race([sleep(pauseAfterTroubleMs, undefined, { ref: false }), stopped]);
      return [];
    }
  }

  async function workOff(messages: Message[]): Promise<void> {
    const records = messages.map((message) => toSqsRecord(message, source.queueArn));
    const result = await invoke(source.functionName, { Records: records });
    const ids = records.map(({ messageId }) => messageId);
    const failed = result.ok ? findFailedIds(ids, result.value, source.reportsItemFailures) : new Set(ids);
    const done = messages.filter(({ MessageId = '' }) => !failed.has(MessageId));
    if (done.length > 0 && !stopping.signal.aborted) await deleteDone(done);
  }

  async function deleteDone(messages: Message[]): Promise<void> {
    const entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    try {
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }), {
        abortSignal: stopping.signal,
      });
    } catch (error) {
      if (!stopping.signal.aborted) onTrouble(`cannot delete from ${source.queueName}: ${String(error)}`);
    }
  }

  const polling = poll();
  return {
    stop: async () => {
      stopping.abort();
      await polling;
      sqs.destroy();
    },
  };
}
