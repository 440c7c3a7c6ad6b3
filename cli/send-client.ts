// Puts a template on its way and watches the ledger for what became of it.
import { setTimeout as sleep } from 'node:timers/promises';
import { createSecretsClient, createSqsClient } from '../lambdas/adapters/aws/clients.ts';
import { createDynamoClient } from '../lambdas/adapters/aws/dynamo-client.ts';
import { createDynamoLedgerSearch } from '../lambdas/adapters/aws/dynamo-ledger-search.ts';
import { createNumberSecrets } from '../lambdas/adapters/aws/number-secrets.ts';
import { createSqsInboundQueue } from '../lambdas/adapters/aws/sqs-inbound-queue.ts';
import { createPseudonyms } from '../lambdas/adapters/pseudonyms.ts';
import { toAsciiJson } from '../lambdas/core/model/envelope.ts';
import type { LedgerRecord } from '../lambdas/core/model/ledger-record.ts';
import type { OutboundEnvelope } from '../lambdas/core/model/outbound-envelope.ts';
import type { Connection } from './connect.ts';

const waitMs = 30_000;
const pollMs = 500;

/** Puts the message into its customer's queue. @throws BridgeError */
export async function enqueueTemplate(
  { to, id, message, numberId }: { to: string; id: string; message: unknown; numberId: string },
  { secretIds, outboundQueueUrl }: Connection,
): Promise<void> {
  const secrets = createNumberSecrets(createSecretsClient(), secretIds, { now: Date.now });
  const groupIds = await createPseudonyms(secrets, [...secretIds.keys()]).openGroupIds();
  const envelope: OutboundEnvelope = {
    v: 1,
    channel: 'genesys',
    numberId,
    receivedAt: Date.now(),
    rawKey: '',
    correlationId: id,
    items: [{ id, kind: 'template', to, message }],
  };
  const queue = createSqsInboundQueue(createSqsClient(), outboundQueueUrl);
  await queue.send([{ groupId: groupIds(numberId, to), deduplicationId: id, body: toAsciiJson(envelope) }]);
}

/** The record once the message has come to an end, or as it is after half a minute. */
export async function awaitFate(key: string, { ledgerTable }: Connection): Promise<LedgerRecord | undefined> {
  const ledger = createDynamoLedgerSearch(createDynamoClient(), ledgerTable);
  for (const until = Date.now() + waitMs; ; await sleep(pollMs)) {
    const [record] = await ledger.readMany([key]);
    const isMoving = !record || record.status === 'INFLIGHT' || record.status === 'PARKED';
    if (!isMoving || Date.now() >= until) return record;
  }
}
