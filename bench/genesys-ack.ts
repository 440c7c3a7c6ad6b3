// How soon Genesys has its answer: the whole door with the real SDK, while S3 and SQS take as long as they are declared to.
// Genesys waits ten seconds and then sends the message again, so the tail counts and not the middle.
import { createHmac } from 'node:crypto';
import { createS3Archive } from '../lambdas/adapters/aws/s3-archive.ts';
import { createSqsInboundQueue } from '../lambdas/adapters/aws/sqs-inbound-queue.ts';
import { createGenesysVerifier } from '../lambdas/adapters/genesys/genesys-signature.ts';
import { createPseudonyms } from '../lambdas/adapters/pseudonyms.ts';
import { systemClock } from '../lambdas/adapters/system.ts';
import { createGenesysDoor } from '../lambdas/flows/answer-genesys.ts';
import { createLogger } from '../lambdas/runtime/logger.ts';
import { createTelemetry } from '../lambdas/runtime/telemetry.ts';
import { createStubbedSecrets } from './door-cpu.ts';
import { findPercentile } from './percentile.ts';
import { createDelays } from './service-latency.ts';
import type { Figure } from './table.ts';
import { createTimedS3, createTimedSqs } from './timed-services.ts';

const integrationId = '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10';
const phoneNumberId = '106540352242922';
const genesysWebhookSecret = 'bench-webhook-secret';
const declared = { s3: { p50Ms: 25, p99Ms: 120 }, sqs: { p50Ms: 12, p99Ms: 60 } };
const seeds = { s3: 4711, sqs: 815 };
const webhooks = 2000;
/** Few, as each stands for a sandbox with a processor of its own. */
const atOnce = 8;

/** @throws Error when the door does not accept a webhook. */
export async function measureGenesysAck(): Promise<Figure[]> {
  const s3 = createTimedS3(createDelays(declared.s3, seeds.s3));
  const sqs = createTimedSqs(createDelays(declared.sqs, seeds.sqs));
  const door = createDoor(createS3Archive(s3.client, 'bench'), sqs.client);
  // What only the first request of a sandbox takes is left out, as in every percentile of a service that runs.
  await acknowledge(door, 'first');
  const warmUp = s3.service.requests + sqs.service.requests;
  const ackMs: number[] = [];
  let sent = 0;
  const sendOn = async (): Promise<void> => {
    while (sent < webhooks) {
      sent += 1;
      ackMs.push(await acknowledge(door, `message-${sent}`));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sendOn));
  const calls = (s3.service.requests + sqs.service.requests - warmUp) / webhooks;
  const what = `Genesys door, answer to a reply, of ${webhooks}`;
  return [
    { measure: `${what}, p50`, value: findPercentile(ackMs, 0.5), unit: 'ms' },
    { measure: `${what}, p99`, value: findPercentile(ackMs, 0.99), unit: 'ms', budget: 250 },
    { measure: 'SDK calls per reply of Genesys: archive and queue', value: calls, digits: 2, budget: 2 },
  ];
}

type Door = ReturnType<typeof createGenesysDoor>;

function createDoor(
  archive: ReturnType<typeof createS3Archive>,
  sqs: Parameters<typeof createSqsInboundQueue>[0],
): Door {
  const secrets = createStubbedSecrets({ genesysWebhookSecret });
  const functionName = 'example-bench-genesys-door';
  return createGenesysDoor({
    tenant: 'example',
    clock: systemClock,
    verifier: createGenesysVerifier(secrets, [[phoneNumberId, { integrationId }]]),
    pseudonyms: createPseudonyms(secrets, [phoneNumberId]),
    archive,
    outbound: createSqsInboundQueue(sqs, 'https://sqs.eu-west-1.amazonaws.com/1/outbound.fifo'),
    receipts: createSqsInboundQueue(sqs, 'https://sqs.eu-west-1.amazonaws.com/1/receipts.fifo'),
    telemetry: createTelemetry({
      tenant: 'example',
      stage: 'bench',
      functionName,
      logger: createLogger(functionName),
      writeLine: () => {},
    }),
  });
}

async function acknowledge(door: Door, id: string): Promise<number> {
  const bytes = Buffer.from(JSON.stringify(makeReply(id)));
  const signature = createHmac('sha256', genesysWebhookSecret).update(bytes).digest('base64');
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
  const start = performance.now();
  const { status } = await door({ bytes, headers, pathParameters: { integrationId }, correlationId: id });
  if (status !== 200) throw new Error(`the door answered ${status} to ${id}`);
  return performance.now() - start;
}

function makeReply(id: string): object {
  return {
    id,
    channel: {
      id: integrationId,
      platform: 'Open',
      type: 'Private',
      to: { id: '447700900001', idType: 'Phone' },
      from: { id: integrationId, idType: 'Opaque', nickname: 'WhatsApp' },
      time: '2026-11-20T10:20:05.427Z',
      messageId: id,
    },
    type: 'Text',
    text: 'Your order 4711/88 left us this morning; it should be with you by Thursday. '.repeat(5),
    originatingEntity: 'Human',
    direction: 'Outbound',
    conversationId: '5d0d331e-d2a8-4fb5-96f7-7021bef2a8ee',
  };
}
