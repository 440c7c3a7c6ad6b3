// AWS calls per webhook and per delivered text, counted where all calls of a function pass: at the local run's AWS.
import { createHmac } from 'node:crypto';
import type { Call } from './counted-calls.ts';
import { findLastCall, isFence, isPace, listCalls } from './counted-calls.ts';
import { callJson, type LocalRun } from './local-run.ts';
import { findLastLine, waitForDelivered } from './log-lines.ts';
import { measureReplies } from './reply-calls.ts';
import type { Figure } from './table.ts';
import { makeWebhookBody } from './webhook-body.ts';

interface Sender {
  from?: string;
  userId?: string;
}

const writer = '447700910000';
const regulars: readonly Sender[] = Array.from({ length: 4 }, (_, index) => ({
  from: index === 0 ? writer : `4477009100${index}0`,
  userId: `GB.7700112233990${index}`,
}));
const textsOfEach = 6;
const newcomers = 5;
const mebibyte = 1024 * 1024;

export async function measureSdkCalls(run: LocalRun): Promise<Figure[]> {
  // The first texts of all bring secrets, tokens and names into the sandboxes.
  for (const sender of regulars) await deliver(run, [sender, sender]);
  const texts = Array.from({ length: textsOfEach }, () => regulars).flat();
  const calls = await listWorkerCalls(run, texts);
  const perText = (of: readonly Call[]) => of.length / texts.length;
  return [
    {
      measure: `SDK calls per delivered text: claim, profile, settlement, of ${texts.length}`,
      value: perText(calls.filter((call) => !isPace(call))),
      digits: 2,
      budget: 3,
    },
    { measure: '  of these for fence and park', value: perText(calls.filter(isFence)), digits: 2, budget: 0 },
    { measure: '  besides, for the pace', value: perText(calls.filter(isPace)), digits: 2, budget: 0.1 },
    ...(await measureReplies(run, writer)),
    await measureMedia(run, 'document of 100 KB', 100_000, perText(calls)),
    await measureMedia(run, 'document of 24 MB', 24 * mebibyte, perText(calls)),
    await measureFirstTexts(run, 'phone only', (index) => ({ from: `44770092000${index}` })),
    await measureFirstTexts(run, 'BSUID only', (index) => ({ userId: `GB.880011220000${index}` })),
    await measureFirstTexts(run, 'phone and BSUID', (index) => ({
      from: `44770093000${index}`,
      userId: `GB.990011220000${index}`,
    })),
    await measureWebhook(run, 'SDK calls per webhook, 1 customer', { messages: 1, customers: 1 }),
    await measureWebhook(run, 'SDK calls per webhook, 10 customers', { messages: 10, customers: 10 }),
    await measureWebhook(run, 'SDK calls per webhook, 10 customers, 1 MiB', fillMebibyte(run)),
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
  const calls = (await listCalls(run, since, 'inbound-worker')).length / regulars.length;
  return { measure: `SDK calls that media adds, ${what}`, value: calls - perText, digits: 2, budget: 3 };
}

async function measureFirstTexts(
  run: LocalRun,
  known: string,
  describe: (index: number) => Sender,
): Promise<Figure> {
  const senders = Array.from({ length: newcomers }, (_, index) => describe(index));
  const calls = (await listWorkerCalls(run, senders)).length;
  return { measure: `SDK calls for a customer's first text, ${known}`, value: calls / newcomers, digits: 2 };
}

/** Texts one after another, so that one sandbox gets them all. */
async function listWorkerCalls(run: LocalRun, senders: readonly Sender[]): Promise<Call[]> {
  const since = await findLastCall(run);
  await deliver(run, senders);
  return listCalls(run, since, 'inbound-worker');
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
  const calls = (await listCalls(run, since, 'meta-door')).length;
  await waitForDelivered(run, line, shape.messages);
  return { measure, value: calls, budget: 2 };
}

/** As many messages of ten customers as 1 MiB holds. */
function fillMebibyte({ phoneNumberId }: LocalRun): WebhookShape {
  const lengthOf = (messages: number) =>
    makeWebhookBody({ messages, customers: 10, phoneNumberId, series: 'fill', textLength }).length;
  const textLength = 4000;
  const [ten, twenty] = [lengthOf(10), lengthOf(20)];
  return { messages: 10 + Math.floor((mebibyte - ten) / ((twenty - ten) / 10)), customers: 10, textLength };
}
