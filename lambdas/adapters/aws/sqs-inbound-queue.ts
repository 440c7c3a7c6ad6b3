import type { SQSClient } from '@aws-sdk/client-sqs';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { BridgeError } from '../../core/errors.ts';
import type { InboundQueue } from '../../core/ports.ts';
import { callStore } from './aws-errors.ts';

/** SQS takes 1 MiB per message and per batch (since 2025-08); some of it is kept for the entries' own fields. */
const maxBodyBytes = 1_040_000;

export function createSqsInboundQueue(client: SQSClient, queueUrl: string): InboundQueue {
  return {
    maxBodyBytes,
    async send(messages) {
      const { Failed = [] } = await callStore('queue send', () =>
        client.send(
          new SendMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: messages.map((message, index) => ({
              Id: String(index),
              MessageBody: message.body,
              MessageGroupId: message.groupId,
              MessageDeduplicationId: message.deduplicationId,
            })),
          }),
        ),
      );
      if (Failed.length === 0) return;
      const code = Failed[0]?.Code ?? 'unknown';
      throw new BridgeError(
        'store-unavailable',
        `queue refused ${Failed.length} of ${messages.length} messages: ${code}`,
        { code },
      );
    },
  };
}
