// AWS calls per webhook and per delivered text, counted where all calls of a function pass: at the local run's AWS.
import { createHmac } from 'node:crypto';
import { findLastLine, waitForDelivered } from './delivered-lines.ts';
import { callJson, type LocalRun } from './local-run.ts';
import type { Figure } from './table.ts';
import { makeWebhookBody } from './webhook-body.ts';

interface Call {
  seq: number;
  function: string;
}

interface Sender {
  from?: string;
  userId?: string;
}

const regulars: readonly Sender[] = Array.from({ length: 4 }, (_, index) => ({
  from: `4477009100${index}0`,
  userId: `GB.7700112233990${index}`,
}));
const textsOfEach = 6;
const newcomers = 5;
const mebibyte = 1024 * 1024;

export async function measureSdkCalls(run: LocalRun): Promise<Figure[]> {
  // The first texts of all bring secrets, tokens and names into the sandboxes.
  for (const sender of regulars) await deliver(run, [sender, sender]);
  const texts = Array.from({ length: textsOfEach }, () => regulars).flat();
  const perText = (await countWorkerCalls(run, texts)) / texts.length;
  return [
    // Claim, profile and settlement; and a tenth of a call for places in the allowance, taken in blocks.
    {
      measure: `SDK calls per delivered text (3) and its pace (≤ 0.1), of ${texts.length}`,
      value: perText,
      digits: 2,
      budget: 3.1,
    },
    await measureMedia(run, 'document of 100 KB', 100_000, perText),
    await measureMedia(run, 'document of 24 MB', 24 * mebibyte, perText),
    await measureFirstTexts(run, 'phone only', (index) => ({ from: `44770092000${index}` })),
    await measureFirstTexts(run, 'BSUID only', (index) => ({ userId: `GB.880011220000${index}` })),
    await measureFirstTexts(run, 'phone and BSUID', (index) => ({
      from: `44770093000${index}`,
      userId: `GB.990011220000${index}`,
    })),
    await measureWebhook(run, 'SDK calls per webhook, 1 customer', { messages: 1, customers: 1 }),
    await measureWebhook(run, 'SDK calls per webhook, 10 customers', { messages: 10, customers: 10 }),
    await measureWebhook(run, 'SDK calls per webhook, 10 customers, 1 MiB', fillMebibyte(run)),
    await measureReplies(run),
  ];
}

/** What a message with media takes beyond a text. */
async function measureMedia(run: LocalRun, what: string, size: number, perText: number): Promise<Figure> {
  const response = await fetch(`${run.meta}/_media`, {
    method: 'POST',
    headers: { 'content-type': 'application/pdf' },
    body: new Uint8Array(size),
  });
  const { id, sha256 } = (await response.json()) as { id: string; sha256: string };
  const document = { id, sha256, mime_type: 'application/pdf' };
  const since = await findLastCall(run);
  await deliver(run, regulars, { type: 'document', document });
  const calls = (await countCalls(run, since, 'inbound-worker')) / regulars.length;
  return { measure: `SDK calls that media adds, ${what}`, value: calls - perText, digits: 2, budget: 3 };
}

async function measureFirstTexts(
  run: LocalRun,
  known: string,
  describe: (index: number) => Sender,
): Promise<Figure> {
  const senders = Array.from({ length: newcomers }, (_, index) => describe(index));
  const calls = await countWorkerCalls(run, senders);
  return { measure: `SDK calls for a customer's first text, ${known}`, value: calls / newcomers, digits: 2 };
}

/** Texts one after another, so that one sandbox gets them all. */
async function countWorkerCalls(run: LocalRun, senders: readonly Sender[]): Promise<number> {
  const since = await findLastCall(run);
  await deliver(run, senders);
  return countCalls(run, since, 'inbound-worker');
}

async function deliver(
  run: LocalRun,
  senders: readonly Sender[],
  message: object = { type: 'text', text: { body: 'Is my order on its way?' } },
): Promise<void> {
  for (const sender of senders) {
    const line = await findLastLine(run);
    await callJson('POST', `${run.meta}/_send`, { ...sender, message });
    await waitForDelivered(run, line, 1);
  }
}

interface WebhookShape {
  messages: number;
  customers: number;
  textLength?: number;
}

async function measureWebhook(run: LocalRun, measure: string, shape: WebhookShape): Promise<Figure> {
  const since = await findLastCall(run);
  const line = await findLastLine(run);
  const body = makeWebhookBody({ ...shape, phoneNumberId: run.phoneNumberId, series: measure });
  const signature = createHmac('sha256', run.secrets.metaAppSecret).update(body).digest('hex');
  const response = await fetch(`${run.bridge}/webhook/meta`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
    body,
  });
  if (response.status !== 200) throw new Error(`the door answered ${response.status}: ${measure}`);
  const calls = await countCalls(run, since, 'meta-door');
  await waitForDelivered(run, line, shape.messages);
  return { measure, value: calls, budget: 2 };
}

/** At the door only; the replies go on to customers while this ends. */
async function measureReplies(run: LocalRun): Promise<Figure> {
  const replies = 5;
  // The first one brings secrets into the sandbox.
  await reply(run, 'bench-reply-0');
  const since = await findLastCall(run);
  for (let index = 1; index <= replies; index += 1) await reply(run, `bench-reply-${index}`);
  const calls = await countCalls(run, since, 'genesys-door');
  return { measure: 'SDK calls per reply of Genesys at its door', value: calls / replies, budget: 2 };
}

async function reply({ bridge, integrationId, secrets }: LocalRun, id: string): Promise<void> {
  const to = { id: regulars[0]?.from, idType: 'Phone' };
  const channel = { id: integrationId, to, from: { id: integrationId }, time: '2026-11-20T10:20:05.427Z' };
  const body = JSON.stringify({ id, channel, type: 'Text', text: 'It is.', direction: 'Outbound' });
  const signature = createHmac('sha256', secrets.genesysWebhookSecret).update(body).digest('base64');
  const response = await fetch(`${bridge}/webhook/genesys/${integrationId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
    body,
  });
  if (response.status !== 200) throw new Error(`the door answered ${response.status}: ${id}`);
}

/** As many messages of ten customers as 1 MiB holds. */
function fillMebibyte({ phoneNumberId }: LocalRun): WebhookShape {
  const lengthOf = (messages: number) =>
    makeWebhookBody({ messages, customers: 10, phoneNumberId, series: 'fill', textLength }).length;
  const textLength = 4000;
  const [ten, twenty] = [lengthOf(10), lengthOf(20)];
  return { messages: 10 + Math.floor((mebibyte - ten) / ((twenty - ten) / 10)), customers: 10, textLength };
}

async function findLastCall({ control }: LocalRun): Promise<number> {
  const calls = await callJson<Call[]>('GET', `${control}/_calls?since=0`);
  return calls.at(-1)?.seq ?? 0;
}

async function countCalls(
  { control, tenant, stage }: LocalRun,
  since: number,
  thing: string,
): Promise<number> {
  const calls = await callJson<Call[]>('GET', `${control}/_calls?since=${since}`);
  return calls.filter((call) => call.function === `${tenant}-${stage}-${thing}`).length;
}
