// Small things that tests are about: each builder gives a valid whole, and the test spells out only what matters to it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2, Context, SQSRecord } from 'aws-lambda';
import type { DeskMessage } from '../lambdas/core/model/desk-message.ts';
import type { InboundEnvelope, InboundItem } from '../lambdas/core/model/envelope.ts';
import type { LedgerRecord } from '../lambdas/core/model/ledger-record.ts';
import type { ClaimRequest, NumberSecret } from '../lambdas/core/ports.ts';

type Json = Record<string, unknown>;

const fixtures = join(__dirname, 'fixtures', 'meta');

/** Names of all WhatsApp webhooks in `test/fixtures/meta`. */
export function listFixtures(): string[] {
  return readdirSync(fixtures).flatMap((file) =>
    file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : [],
  );
}

export function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8'));
}

/** A WhatsApp message as webhooks carry it. */
export function aTextMessage(over: Json = {}): Json {
  return {
    from: '447700900001',
    id: 'wamid.1',
    timestamp: '1795000000',
    type: 'text',
    text: { body: 'hello' },
    ...over,
  };
}

/** One change of a webhook; `over` replaces parts of its value. */
export function aChange(over: Json = {}): Json {
  const metadata = { display_phone_number: '442071230000', phone_number_id: '1' };
  return { field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...over } };
}

export function aWebhook(...changes: unknown[]): Json {
  return { object: 'whatsapp_business_account', entry: [{ id: 'waba', changes }] };
}

export function anInboundItem(over: Partial<InboundItem> = {}): InboundItem {
  return { id: 'wamid.1', message: aTextMessage(), phone: '447700900001', ...over };
}

export function anEnvelope(over: Partial<InboundEnvelope> = {}): InboundEnvelope {
  return {
    v: 1,
    channel: 'meta',
    numberId: '1',
    receivedAt: Date.UTC(2026, 10, 20, 12),
    rawKey: 'raw/acme/a.json',
    correlationId: 'corr-1',
    items: [anInboundItem()],
    ...over,
  };
}

export function aDeskMessage(over: Partial<DeskMessage> = {}): DeskMessage {
  return {
    messageId: 'wamid.1',
    from: { id: '447700900001', idType: 'Phone', name: 'Ada' },
    sentAt: Date.UTC(2026, 10, 20, 12),
    text: 'hello',
    attributes: { waPhoneNumberId: '1' },
    ...over,
  };
}

export function aClaimRequest(over: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    key: 'IN#1#wamid.1',
    owner: 'me',
    now: 1_000_000,
    leaseUntil: 1_030_000,
    willTry: true,
    numberId: '1',
    messageId: 'wamid.1',
    customer: 'GB.1',
    messageType: 'text',
    sequence: '00000000000000000007.00000',
    acceptedAt: 990_000,
    rawKey: 'raw/acme/a.json',
    correlationId: 'corr-1',
    ...over,
  };
}

export function aLedgerRecord(over: Partial<LedgerRecord> = {}): LedgerRecord {
  const { now: _now, willTry: _willTry, ...facts } = aClaimRequest();
  const claimed = { status: 'INFLIGHT', tried: 1, ambiguous: 0, open: 1, crashes: 0, attempts: 1 } as const;
  return { ...facts, ...claimed, ttl: 3_000_000, ...over };
}

export function aNumberSecret(over: Partial<NumberSecret> = {}): NumberSecret {
  return {
    metaAppSecret: 'app-secret',
    metaAppSecretPrevious: '',
    metaVerifyToken: 'verify-token',
    metaAccessToken: '',
    genesysClientId: '',
    genesysClientSecret: '',
    genesysWebhookSecret: '',
    genesysWebhookSecretPrevious: '',
    pseudonymKey: 'pseudonym-key',
    ...over,
  };
}

/** A record as Lambda hands it over from a FIFO queue. */
export function anSqsRecord(
  over: { messageId?: string; group?: string; receiveCount?: number; body?: string } = {},
): SQSRecord {
  const { messageId = 'sqs-1', group = 'group-1', receiveCount = 1, body = '{}' } = over;
  return {
    messageId,
    receiptHandle: `receipt-of-${messageId}`,
    body,
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      SentTimestamp: '0',
      SenderId: 'sender',
      ApproximateFirstReceiveTimestamp: '0',
      SequenceNumber: `seq-of-${messageId}`,
      MessageGroupId: group,
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-2:000000000000:inbound.fifo',
    awsRegion: 'eu-west-2',
  };
}

/** An event of an HTTP API, payload version 2. */
export function anHttpEvent(
  over: Partial<Omit<APIGatewayProxyEventV2, 'requestContext'>> & { method?: string } = {},
): APIGatewayProxyEventV2 {
  const { method = 'POST', ...event } = over;
  const http = { method, path: '/webhook/meta', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: '' };
  return {
    version: '2.0',
    routeKey: `${method} /webhook/meta`,
    rawPath: '/webhook/meta',
    rawQueryString: '',
    headers: {},
    isBase64Encoded: false,
    requestContext: {
      accountId: '',
      apiId: '',
      domainName: '',
      domainPrefix: '',
      http,
      requestId: 'request-1',
      routeKey: '',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    ...event,
  };
}

export function aLambdaContext(remainingMs = 30_000): Context {
  return { getRemainingTimeInMillis: () => remainingMs } as Context;
}
