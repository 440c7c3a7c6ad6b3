// AWS calls of the way back: per reply at the door and at the worker, and per receipt.
import { createHmac } from 'node:crypto';
import { findLastCall, isFence, isPace, listCalls } from './counted-calls.ts';
import type { LocalRun } from './local-run.ts';
import { findLastLine, waitForLines } from './log-lines.ts';
import type { Figure } from './table.ts';

const replies = 10;

/** @param to a customer who has just written, by phone. */
export async function measureReplies(run: LocalRun, to: string): Promise<Figure[]> {
  // The first one brings secrets into the sandboxes.
  await reply(run, to, 'bench-reply-0');
  const since = await findLastCall(run);
  for (let index = 1; index <= replies; index += 1) await reply(run, to, `bench-reply-${index}`);
  const [door, worker, receipts] = await Promise.all(
    ['genesys-door', 'outbound-worker', 'receipts-worker'].map((thing) => listCalls(run, since, thing)),
  );
  const perReply = (calls: readonly unknown[] = []) => calls.length / replies;
  const unpaced = worker?.filter((call) => !isPace(call));
  return [
    { measure: 'SDK calls per reply of Genesys at its door', value: perReply(door), digits: 2, budget: 2 },
    // Claim, whose phone it is, profile; begin, sent, where the wamid leads; settlement.
    {
      measure: `SDK calls per reply of one part, of ${replies}`,
      value: perReply(unpaced),
      digits: 2,
      budget: 7,
    },
    {
      measure: '  of these for fence and park',
      value: perReply(worker?.filter(isFence)),
      digits: 2,
      budget: 0,
    },
    // A write for each of `sent` and `delivered`; the receipt is claimed and noted as told.
    {
      measure: 'SDK calls per reply for its statuses and its receipt',
      value: perReply(receipts?.filter((call) => !isPace(call))),
      digits: 2,
      budget: 4,
    },
  ];
}

/** One after another, each until Genesys has its receipt. */
async function reply(run: LocalRun, phone: string, id: string): Promise<void> {
  const { bridge, integrationId, secrets } = run;
  const line = await findLastLine(run);
  const channel = {
    id: integrationId,
    to: { id: phone, idType: 'Phone' },
    from: { id: integrationId },
    time: '2026-11-20T10:20:05.427Z',
  };
  const body = JSON.stringify({ id, channel, type: 'Text', text: 'It is.', direction: 'Outbound' });
  const signature = createHmac('sha256', secrets.genesysWebhookSecret).update(body).digest('base64');
  const response = await fetch(`${bridge}/webhook/genesys/${integrationId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` },
    body,
  });
  if (response.status !== 200) throw new Error(`the door answered ${response.status}: ${id}`);
  await waitForLines(run, 'receipt.told', { since: line, count: 1 });
}
