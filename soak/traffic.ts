// Posts what the plan says and writes down what the bridge took, in the order in which it did.
import { setTimeout as sleep } from 'node:timers/promises';
import { type LocalRun, postAsGenesys, postAsMeta } from './local-run.ts';
import type { Lane, Step } from './plan.ts';

/** What the bridge answered 200 to; from then on it is responsible. */
export interface Accepted {
  /** Ids of messages by customer, in the order of acceptance. */
  written: Map<string, string[]>;
  /** Genesys ids of replies by customer, in the order of acceptance. */
  replied: Map<string, string[]>;
  forged: string[];
  /** Answers to forged webhooks that were not a refusal. */
  forgedAnswers: number[];
  webhooks: number;
  repeats: number;
  /** Posts that had to be made again, since they were not answered with 200. */
  postedAgain: number;
}

const retryPauseMs = 250;
/** Meta gives up after days; nothing here breaks for so long. */
const mostAttempts = 240;

export function nothingAccepted(): Accepted {
  const empty = { written: new Map(), replied: new Map(), forged: [], forgedAnswers: [] };
  return { ...empty, webhooks: 0, repeats: 0, postedAgain: 0 };
}

/** Posts the steps of one lane one after another, until `isOver`. @throws Error when a webhook is never taken. */
export async function postLane(
  run: LocalRun,
  steps: readonly Step[],
  accepted: Accepted,
  isOver: () => boolean,
): Promise<void> {
  for (const step of steps) {
    if (isOver()) return;
    await postStep(run, step, accepted);
  }
}

async function postStep(run: LocalRun, step: Step, accepted: Accepted): Promise<void> {
  if (step.kind === 'forged') {
    accepted.forged.push(...step.ids);
    const status = await postAsMeta(run, step.body, 'a secret that is not ours');
    // A door that is out of order refuses too.
    if (status !== 401 && status < 500 && status !== 0) accepted.forgedAnswers.push(status);
    return;
  }
  const post =
    step.kind === 'webhook'
      ? () => postAsMeta(run, step.body)
      : () => postAsGenesys(run, makeReply(step, run.integrationId));
  for (let attempt = 1; (await post()) !== 200; attempt += 1) {
    if (attempt === mostAttempts)
      throw new Error(`a webhook was never taken: ${JSON.stringify(step).slice(0, 300)}`);
    accepted.postedAgain += 1;
    await sleep(retryPauseMs);
  }
  if (step.kind === 'reply') return add(accepted.replied, step.customer, step.id);
  accepted.webhooks += 1;
  if (step.repeat) accepted.repeats += 1;
  else for (const { customer, id } of step.messages) add(accepted.written, customer, id);
}

function add(lists: Map<string, string[]>, key: string, id: string): void {
  const list = lists.get(key);
  if (list) list.push(id);
  else lists.set(key, [id]);
}

function makeReply({ customer, id, text }: Extract<Step, { kind: 'reply' }>, integrationId: string): string {
  return JSON.stringify({
    id,
    channel: {
      id: integrationId,
      platform: 'Open',
      type: 'Private',
      to: { id: customer, idType: /^\d+$/.test(customer) ? 'Phone' : 'Opaque' },
      from: { id: integrationId, idType: 'Opaque' },
      time: new Date().toISOString(),
      messageId: id,
    },
    type: 'Text',
    text,
    originatingEntity: 'Human',
    direction: 'Outbound',
  });
}

/** Everything planned that was not asked for by a lane's customers yet: the number of webhooks in it. */
export function countWebhooks(lanes: readonly Lane[]): number {
  return lanes.reduce(
    (sum, { greetings, steps }) =>
      sum + greetings.length + steps.filter(({ kind }) => kind === 'webhook').length,
    0,
  );
}
