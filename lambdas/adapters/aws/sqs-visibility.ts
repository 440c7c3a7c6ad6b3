import type { SQSClient } from '@aws-sdk/client-sqs';
import { ChangeMessageVisibilityBatchCommand } from '@aws-sdk/client-sqs';
import { BridgeError } from '../../core/errors.ts';
import { callStore } from './aws-errors.ts';

/** Makes received messages visible again after `delaySeconds`, all at the same time. @throws BridgeError `store-unavailable`. */
export type ChangeVisibility = (receiptHandles: readonly string[], delaySeconds: number) => Promise<void>;

export function createChangeVisibility(client: SQSClient, queueUrl: string): ChangeVisibility {
  return async (receiptHandles, delaySeconds) => {
    const { Failed = [] } = await callStore('queue visibility', () =>
      client.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: queueUrl,
          Entries: receiptHandles.map((ReceiptHandle, index) => ({
            Id: String(index),
            ReceiptHandle,
            VisibilityTimeout: delaySeconds,
          })),
        }),
      ),
    );
    if (Failed.length === 0) return;
    const code = Failed[0]?.Code ?? 'unknown';
    throw new BridgeError(
      'store-unavailable',
      `queue kept the visibility of ${Failed.length} of ${receiptHandles.length} messages: ${code}`,
      { code },
    );
  };
}
