import type { SQSClient } from '@aws-sdk/client-sqs';
import { DeleteMessageBatchCommand } from '@aws-sdk/client-sqs';
import { BridgeError } from '../../core/errors.ts';
import { callStore } from './aws-errors.ts';

/** Deletes messages that are done, at most ten. @throws BridgeError `store-unavailable`. */
export type DeleteRecords = (receiptHandles: readonly string[]) => Promise<void>;

export function createDeleteRecords(client: SQSClient, queueUrl: string): DeleteRecords {
  return async (receiptHandles) => {
    const { Failed = [] } = await callStore('queue delete', () =>
      client.send(
        new DeleteMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })),
        }),
      ),
    );
    if (Failed.length === 0) return;
    const code = Failed[0]?.Code ?? 'unknown';
    throw new BridgeError(
      'store-unavailable',
      `queue kept ${Failed.length} of ${receiptHandles.length} messages: ${code}`,
      { code },
    );
  };
}
