// Looks at everything a message can have left a trace in: both providers, the ledger, the stores, queues and runs.
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { paginateScan } from '@aws-sdk/lib-dynamodb';
import { createAuditPorts } from '../cli/audit-ports.ts';
import type { Connection } from '../cli/connect.ts';
import { createDynamoClient } from '../lambdas/adapters/aws/dynamo-client.ts';
import { inboundKey, type LedgerRecord, outboundKey } from '../lambdas/core/model/ledger-record.ts';
import { auditConservation, isBalanced } from '../lambdas/flows/audit-conservation.ts';
import type { Arrival, Observed } from './account.ts';
import { callJson, type LocalRun } from './local-run.ts';
import type { Accepted } from './traffic.ts';

interface LoggedRequest {
  method: string;
  path: string;
  status: number | null;
  applied?: boolean;
  body: {
    id?: string;
    status?: string;
    channel?: { messageId: string; from: { id: string } };
    to?: string;
    recipient?: string;
    biz_opaque_callback_data?: string;
  };
}

const queues = ['inbound', 'outbound', 'receipts'].flatMap((thing) => [
  `${thing}.fifo`,
  `${thing}-dead.fifo`,
]);

export async function observe(
  run: LocalRun,
  connection: Connection,
  accepted: Accepted,
  startedAt: number,
): Promise<Observed> {
  const ports = createAuditPorts(connection);
  const [atGenesys, atMeta, audit, records, metrics, ...restless] = await Promise.all([
    findEffects(run.genesys),
    findEffects(run.meta),
    auditConservation({ from: startedAt, to: Date.now() + 60_000 }, ports),
    readRecords(run, accepted, (keys) => ports.ledger.readMany(keys)),
    callJson<Record<string, Record<string, number>>>('GET', `${run.control}/_metrics`),
    findWaiting(run),
    findRuns(run),
    findFences(connection.customersTable),
  ]);
  return {
    shown: atGenesys.flatMap(({ path, body }): Arrival[] =>
      path.endsWith('/inbound/open/message') && body.channel
        ? [{ id: body.channel.messageId, customer: body.channel.from.id }]
        : [],
    ),
    receipts: atGenesys.flatMap(({ path, body: { id = '', status = '' } }) =>
      path.endsWith('/inbound/open/receipt') ? [{ id, status }] : [],
    ),
    sent: atMeta.flatMap(({ path, body }): Arrival[] => {
      const [, id] = /^(.+)\.\d+$/.exec(body.biz_opaque_callback_data ?? '') ?? [];
      // Read marks go to the same address.
      if (!path.endsWith('/messages') || body.status !== undefined || id === undefined) return [];
      return [{ id, customer: body.to ?? body.recipient ?? '' }];
    }),
    records,
    restless: restless.flat(),
    audit: {
      received: audit.received,
      balanced: isBalanced(audit),
      missing: audit.differences.map(({ id }) => id),
    },
    archiveFailures: metrics.WhatsAppGenesysBridge?.ArchiveFailures ?? 0,
  };
}

/** Messages on queues that are not yet worked off, dead letters included. */
export async function countWaiting(
  run: LocalRun,
  names: readonly string[] = queues,
): Promise<Map<string, number>> {
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false });
  const counts = new Map<string, number>();
  for (const name of names) {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: `${run.aws}/000000000000/${run.tenant}-${run.stage}-${name}`,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    counts.set(
      name,
      Object.values(Attributes).reduce((sum, text) => sum + Number(text), 0),
    );
  }
  sqs.destroy();
  return counts;
}

/** Messages behind closed fences. */
export async function countParked(table: string): Promise<number> {
  return (await findFences(table)).filter((found) => found.includes(' is still parked')).length;
}

/** POSTs that had an effect. */
async function findEffects(base: string): Promise<LoggedRequest[]> {
  const rows = await callJson<LoggedRequest[]>('GET', `${base}/_requests`);
  return rows.filter(({ method, status, applied }) => method === 'POST' && (applied ?? status === 200));
}

async function readRecords(
  { phoneNumberId }: LocalRun,
  { written, replied }: Accepted,
  readMany: (keys: readonly string[]) => Promise<LedgerRecord[]>,
): Promise<Map<string, LedgerRecord>> {
  const keyOf = new Map([
    ...[...written.values()].flat().map((id) => [inboundKey(phoneNumberId, id), id] as const),
    ...[...replied.values()].flat().map((id) => [outboundKey(phoneNumberId, id), id] as const),
  ]);
  const records = await readMany([...keyOf.keys()]);
  return new Map(records.map((record) => [keyOf.get(record.key) ?? record.key, record]));
}

async function findWaiting(run: LocalRun): Promise<string[]> {
  const counts = await countWaiting(run);
  return [...counts]
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} messages wait in ${name}`);
}

async function findRuns({ control }: LocalRun): Promise<string[]> {
  const runs = await callJson<{ name: string; status: string }[]>('GET', `${control}/_executions`);
  return runs
    .filter(({ status }) => status !== 'SUCCEEDED')
    .map(({ name, status }) => `run ${name} is ${status}`);
}

/** An item behind an open fence is no longer needed: its record says what became of it, and that is looked at as well. */
async function findFences(table: string): Promise<string[]> {
  const client = createDynamoClient();
  const closed = new Set<string>();
  const parked: string[][] = [];
  const scan = { TableName: table, ConsistentRead: true, ProjectionExpression: 'pk, sk, inFence, outFence' };
  for await (const { Items = [] } of paginateScan({ client }, scan)) {
    for (const { pk, sk, inFence, outFence } of Items) {
      if (inFence !== undefined) closed.add(`${pk} in`);
      if (outFence !== undefined) closed.add(`${pk} out`);
      if (String(sk).startsWith('PARK#')) parked.push([`${pk} ${String(sk).split('#')[1]}`, `${pk} ${sk}`]);
    }
  }
  const waiting = parked.filter(([fence = '']) => closed.has(fence));
  return [
    ...[...closed].map((fence) => `the fence ${fence} is closed`),
    ...waiting.map(([, item]) => `${item} is still parked`),
  ];
}
