// CPU of the door for one webhook, as a multiple of what no door can do without: bytes of the body, its HMAC, its JSON.
// Everything of the door runs, its log line too; only archive, queue and secrets answer at once from memory.
import { createHmac } from 'node:crypto';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { createMetaVerifier } from '../lambdas/adapters/meta/meta-signature.ts';
import { createPseudonyms } from '../lambdas/adapters/pseudonyms.ts';
import { systemClock, systemRandomness } from '../lambdas/adapters/system.ts';
import type { NumberSecret, NumberSecrets } from '../lambdas/core/ports.ts';
import { createMetaDoor } from '../lambdas/flows/answer-meta.ts';
import { createHttpHandler, type HttpHandler } from '../lambdas/runtime/http-handler.ts';
import { createLogger } from '../lambdas/runtime/logger.ts';
import { createTelemetry } from '../lambdas/runtime/telemetry.ts';
import { findMedian } from './median.ts';
import type { Figure } from './table.ts';
import { makeWebhookBody } from './webhook-body.ts';

const phoneNumberId = '106540352242922';
const metaAppSecret = '0123456789abcdef0123456789abcdef';
const roundCount = 7;
/** Messages handled in a round, whatever the size of the webhook, so that all rounds last about as long. */
const messagesPerRound = 6000;

const cases = [
  { what: '1 message', messages: 1, customers: 1, budget: 2.5 },
  { what: '10 messages of 10 customers', messages: 10, customers: 10, budget: 3.5 },
  { what: '10 messages of 1 customer', messages: 10, customers: 1, budget: 3.5 },
  { what: '100 messages of 100 customers', messages: 100, customers: 100, budget: 3.5 },
  { what: '100 messages of 1 customer', messages: 100, customers: 1, budget: 3.5 },
];

/** @throws Error when the door does not accept the webhook. */
export async function measureDoorCpu(): Promise<Figure[]> {
  const handler = createDoor();
  const figures: Figure[] = [];
  for (const { what, messages, customers, budget } of cases) {
    const event = makeEvent(makeWebhookBody({ phoneNumberId, messages, customers, series: 'cpu' }));
    const { statusCode } = await handler(event, context);
    if (statusCode !== 200) throw new Error(`the door answered ${statusCode} to ${what}`);
    const { ratio, doorUs } = await compare(event, handler, Math.ceil(messagesPerRound / messages));
    figures.push(
      { measure: `door CPU / floor, ${what}`, value: ratio, digits: 2, budget },
      { measure: `door CPU, ${what}`, value: doorUs, unit: 'µs' },
    );
  }
  return figures;
}

/** Floor and door by turns, so that a slow moment of the machine meets both; three rounds of each warm up. */
async function compare(event: APIGatewayProxyEventV2, handler: HttpHandler, times: number) {
  const ratios: number[] = [];
  const doors: number[] = [];
  for (let round = -3; round < roundCount; round += 1) {
    const floor = await measureCpuUs(times, () => doTheLeast(event));
    const door = await measureCpuUs(times, () => handler(event, context));
    if (round < 0) continue;
    ratios.push(door / floor);
    doors.push(door);
  }
  return { ratio: findMedian(ratios), doorUs: findMedian(doors) };
}

async function measureCpuUs(times: number, act: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  for (let time = 0; time < times; time += 1) {
    const answer = act();
    if (answer instanceof Promise) await answer;
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / times;
}

function doTheLeast({ body = '' }: APIGatewayProxyEventV2): unknown {
  const bytes = Buffer.from(body, 'utf8');
  createHmac('sha256', metaAppSecret).update(bytes).digest();
  return JSON.parse(bytes.toString('utf8'));
}

function createDoor(): HttpHandler {
  const secrets = createStubbedSecrets({ metaAppSecret });
  const telemetry = createTelemetry({
    tenant: 'example',
    stage: 'bench',
    functionName: 'example-bench-meta-door',
    logger: createLogger('example-bench-meta-door'),
    writeLine: () => {},
  });
  const door = createMetaDoor({
    tenant: 'example',
    clock: systemClock,
    randomness: systemRandomness,
    verifier: createMetaVerifier(secrets),
    pseudonyms: createPseudonyms(secrets, [phoneNumberId]),
    archive: { put: async () => {}, get: async () => new Uint8Array() },
    queue: { maxBodyBytes: 1_040_000, send: async () => {} },
    receipts: { maxBodyBytes: 1_040_000, send: async () => {} },
    telemetry,
  });
  return createHttpHandler(door, telemetry);
}

/** Secrets that are at hand at once; what is not given is empty. */
export function createStubbedSecrets(given: Partial<NumberSecret>): NumberSecrets {
  const secret: NumberSecret = {
    metaAppSecret: '',
    metaAppSecretPrevious: '',
    metaVerifyToken: 'verify',
    metaAccessToken: '',
    genesysClientId: '',
    genesysClientSecret: '',
    genesysWebhookSecret: '',
    genesysWebhookSecretPrevious: '',
    pseudonymKey: 'fedcba9876543210fedcba9876543210',
    ...given,
  };
  return {
    get: async () => secret,
    all: async () => ({ secrets: [secret], complete: true }),
    refreshIfStale: () => false,
  };
}

const context = {} as Context;

/** As API Gateway hands over a webhook of Meta: JSON comes as text. */
function makeEvent(body: string): APIGatewayProxyEventV2 {
  const signature = createHmac('sha256', metaAppSecret).update(body).digest('hex');
  return {
    version: '2.0',
    routeKey: 'POST /webhook/meta',
    rawPath: '/webhook/meta',
    rawQueryString: '',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'facebookexternalua',
      'x-hub-signature-256': `sha256=${signature}`,
    },
    requestContext: {
      accountId: '000000000000',
      apiId: 'bench',
      domainName: 'bench.invalid',
      domainPrefix: 'bench',
      http: {
        method: 'POST',
        path: '/webhook/meta',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'facebookexternalua',
      },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: 'POST /webhook/meta',
      stage: '$default',
      time: '20/Nov/2026:12:00:00 +0000',
      timeEpoch: 1_795_000_000_000,
    },
    body,
    isBase64Encoded: false,
  };
}
