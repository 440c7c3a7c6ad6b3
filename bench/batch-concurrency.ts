// A batch of ten customers against its slowest record: the worker must have them under way side by side.
import { randomUUID } from 'node:crypto';
import { assembleEnvelope, openEnvelope, packItem } from '../lambdas/core/model/envelope.ts';
import { callJson, type LocalRun } from './local-run.ts';
import { findLastLine, waitForDelivered } from './log-lines.ts';
import { findMedian } from './median.ts';
import type { Figure } from './table.ts';

const groups = 10;
const batches = 5;
/** What Genesys is made to wait before it answers. */
const delayMs = 500;

interface InvokeResult {
  ok: boolean;
  value?: { batchItemFailures: unknown[] };
  error?: { errorMessage: string };
}

export async function measureBatchConcurrency(run: LocalRun): Promise<Figure[]> {
  await invokeBatch(run, 'warm-up');
  const match = { method: 'POST', path: '/inbound/open/message$' };
  await callJson('PUT', `${run.genesys}/_faults`, [{ match, delayMs }]);
  const ratios: number[] = [];
  const slowest: number[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const { batchMs, slowestMs } = await invokeBatch(run, String(batch));
    ratios.push(batchMs / slowestMs);
    slowest.push(slowestMs);
  }
  await callJson('DELETE', `${run.genesys}/_faults`);
  return [
    {
      measure: `batch of ${groups} groups / its slowest record`,
      value: findMedian(ratios),
      digits: 2,
      budget: 1.2,
    },
    {
      measure: `slowest record, Genesys answering after ${delayMs} ms`,
      value: findMedian(slowest),
      unit: 'ms',
    },
  ];
}

/** @throws Error when a record was not delivered at the first attempt. */
async function invokeBatch(run: LocalRun, series: string): Promise<{ batchMs: number; slowestMs: number }> {
  const line = await findLastLine(run);
  const Records = Array.from({ length: groups }, (_, group) => makeRecord(run, series, group));
  const start = performance.now();
  const { ok, value, error } = await callJson<InvokeResult>('POST', `${run.control}/_invoke`, {
    function: `${run.tenant}-${run.stage}-inbound-worker`,
    event: { Records },
  });
  const batchMs = performance.now() - start;
  if (!ok || !value) throw new Error(`the worker failed: ${error?.errorMessage}`);
  const { length: failures } = value.batchItemFailures;
  if (failures > 0) throw new Error(`the worker gave back ${failures} of ${groups} records`);
  return { batchMs, slowestMs: Math.max(...(await waitForDelivered(run, line, groups))) };
}

function makeRecord({ phoneNumberId }: LocalRun, series: string, group: number): object {
  const id = `wamid.batch.${series}.${group}`;
  const phone = `4477009400${group}0`;
  const message = { id, from: phone, timestamp: '1795000000', type: 'text', text: { body: 'Hello' } };
  const head = {
    v: 1,
    channel: 'meta',
    receivedAt: Date.now(),
    rawKey: 'raw/bench',
    correlationId: 'bench',
  } as const;
  return {
    messageId: randomUUID(),
    receiptHandle: randomUUID(),
    body: assembleEnvelope(openEnvelope(head), phoneNumberId, { phone }, [
      packItem({ id, message, phone }, { phone }),
    ]),
    attributes: {
      ApproximateReceiveCount: '1',
      SequenceNumber: String(10_000 + group),
      MessageGroupId: `bench-${group}`,
    },
    messageAttributes: {},
    eventSource: 'aws:sqs',
  };
}
