// The protocol with one rule taken out at a time. Each must be noticed by an invariant; that is what shows that the
// invariants have teeth.
import type { Context, SQSEvent } from 'aws-lambda';
import { BridgeError } from '../lambdas/core/errors.ts';
import { openFence } from '../lambdas/core/model/fence.ts';
import type { Clock, InboundQueue, MessageLedger } from '../lambdas/core/ports.ts';
import type { QueueHandler } from '../lambdas/runtime/queue-handler.ts';
import { createQueueHandler } from '../lambdas/runtime/queue-handler.ts';
import type { FifoQueue } from './fifo-queue.ts';
import { parkingMutants } from './parking-mutants.ts';
import { overrideSome } from './port-proxy.ts';
import { redeliveryMutants } from './redelivery-mutants.ts';
import { replayMutants } from './replay-mutants.ts';
import type { Mutant, Seams } from './seams.ts';
import type { MemoryLedger } from './stores/memory-ledger.ts';

/** Overrides some methods of the ledger, or changes what is stored right after them. */
function ledgerMutant(
  change: (ledger: MessageLedger, stored: MemoryLedger) => Partial<MessageLedger>,
): () => Seams {
  return () => ({
    ledger: (ledger, stored) => overrideSome(ledger, change(ledger, stored)),
  });
}

const deliveryMutants: readonly Mutant[] = [
  {
    name: 'failed-condition-is-duplicate',
    rule: 'a failed condition alone is no duplicate',
    create: ledgerMutant((ledger) => ({
      async claim(request) {
        const write = await ledger.claim(request);
        return write.won ? write : { won: false, record: { ...write.record, status: 'DELIVERED' } };
      },
    })),
  },
  {
    name: 'own-claim-not-recognised',
    rule: 'the repeated write of a claim whose answer was lost is mine',
    create: ledgerMutant((ledger) => ({
      async claim(request) {
        const write = await ledger.claim(request);
        return write.won ? write : { won: false, record: { ...write.record, owner: 'somebody else' } };
      },
    })),
  },
  {
    name: 'takeover-is-not-ambiguous',
    rule: 'taking over a tried record sets ambiguous',
    create: ledgerMutant((ledger, stored) => ({
      async claim(request) {
        const record = stored.records.get(request.key);
        if (record) record.tried = 0;
        return ledger.claim(request);
      },
    })),
  },
  {
    name: 'ambiguous-is-cleared',
    rule: 'nothing ever clears ambiguous',
    create: ledgerMutant((ledger, stored) => ({
      async settle(key, owner, settlement) {
        await ledger.settle(key, owner, settlement);
        const record = stored.records.get(key);
        if (record) record.ambiguous = 0;
      },
    })),
  },
  {
    name: 'unknown-outcome-clears-tried',
    rule: 'an unknown outcome keeps tried',
    create: ledgerMutant((ledger) => ({
      release: (key, owner, outcome) => ledger.release(key, owner, { ...outcome, keepTried: false }),
    })),
  },
  {
    name: 'release-by-anybody',
    rule: 'release only while owner = me and INFLIGHT',
    create: ledgerMutant((ledger, stored) => ({
      release: (key, _owner, outcome) => ledger.release(key, stored.records.get(key)?.owner ?? '', outcome),
    })),
  },
  {
    name: 'finish-by-anybody',
    rule: 'an end other than DELIVERED only while owner = me and INFLIGHT',
    create: ledgerMutant((ledger, stored) => ({
      async finish(key, owner, end) {
        const record = stored.records.get(key);
        if (record) Object.assign(record, { status: 'INFLIGHT', owner });
        return ledger.finish(key, owner, end);
      },
    })),
  },
  {
    name: 'settle-before-post',
    rule: 'settle after the POST',
    create: ledgerMutant((ledger, stored) => ({
      async claim(request) {
        const write = await ledger.claim(request);
        const record = stored.records.get(request.key);
        if (write.won && record) record.status = 'DELIVERED';
        return write;
      },
    })),
  },
  {
    name: 'crashes-not-counted',
    rule: 'claims without any outcome are counted until poison',
    create: ledgerMutant((ledger, stored) => ({
      async claim(request) {
        const record = stored.records.get(request.key);
        if (record) record.open = 0;
        return ledger.claim(request);
      },
    })),
  },
  {
    name: 'memory-of-five-minutes',
    rule: 'the ledger remembers at least 35 days',
    create: () => ({ rememberDays: 5 / 1440 }),
  },
  {
    name: 'post-twice-in-one-claim',
    rule: 'one POST per claim, never repeated inside it',
    create: () => ({
      desk: (desk) => ({
        async deliver(numberId, message, deadlineAt) {
          const answer = await desk.deliver(numberId, message, deadlineAt);
          return answer.delivered || answer.effect === 'none'
            ? answer
            : desk.deliver(numberId, message, deadlineAt);
        },
      }),
    }),
  },
  {
    name: 'profile-error-is-fine',
    rule: 'an error of the profile fails the record',
    create: () => ({
      finder: (finder) =>
        overrideSome(finder, {
          async find(item, envelope, visitId) {
            try {
              return await finder.find(item, envelope, visitId);
            } catch {
              const profile = {
                customerId: 'guess',
                fromId: 'guess',
                fromIdType: 'Opaque',
                since: 0,
                disownedPhones: [],
                fences: { in: openFence, out: openFence },
                lastInboundAt: 0,
                isNew: false,
              } as const;
              return { state: 'found', profile, lasting: false };
            }
          },
        }),
    }),
  },
  {
    name: 'records-of-a-group-side-by-side',
    rule: 'records of one group strictly one after another',
    create: () => ({
      handler: (options) => {
        const handler = createQueueHandler(options);
        return (event, context) => handler(ungroup(event), context);
      },
    }),
  },
  {
    name: 'failed-record-does-not-hold-its-group',
    rule: 'a failed record fails the rest of its group in the batch',
    create: () => ({ handler: (options) => goOnAfterFailures(createQueueHandler(options)) }),
  },
  {
    name: 'failure-remembered-between-invocations',
    rule: 'nothing is remembered between invocations',
    create: () => {
      const failed = new Set<string>();
      return {
        handler: (options) =>
          createQueueHandler({
            ...options,
            async processRecord(record) {
              if (failed.has(record.body)) return { state: 'hold', delayMs: 1000 };
              const outcome = await options.processRecord(record);
              if (outcome.state === 'hold') failed.add(record.body);
              return outcome;
            },
          }),
      };
    },
  },
  {
    name: 'partial-failures-ignored',
    rule: 'the event source mapping reports partial failures',
    create: () => ({ ignorePartialFailures: true }),
  },
  {
    name: 'error-swallowed-and-200',
    rule: 'a queue that refuses is a 5xx',
    create: () => ({ answer: () => 200 }),
  },
  {
    name: 'content-based-dedup',
    rule: 'deduplication by message ids, not by content',
    create: () => ({
      queue: (queue) => ({
        maxBodyBytes: queue.maxBodyBytes,
        send: (messages) =>
          queue.send(messages.map((message) => ({ ...message, deduplicationId: readTexts(message.body) }))),
      }),
    }),
  },
  {
    name: 'one-group-for-all',
    rule: 'each customer is a message group of their own',
    create: () => ({ groupId: () => 'everybody' }),
  },
  {
    name: 'parts-of-a-customer-in-one-batch',
    rule: 'parts of one group are sent one after another and stop at the first failure',
    create: () => ({ queue: sendPartsRegardless }),
  },
];

export const mutants: readonly Mutant[] = [
  ...deliveryMutants,
  ...parkingMutants,
  ...redeliveryMutants,
  ...replayMutants,
];

export function findMutant(name: string): Mutant | undefined {
  return mutants.find((mutant) => mutant.name === name);
}

function ungroup(event: SQSEvent): SQSEvent {
  return {
    Records: event.Records.map((record) => ({
      ...record,
      attributes: { ...record.attributes, MessageGroupId: record.messageId },
    })),
  };
}

/** Handles every record as a batch of its own, one after another, whatever became of the ones before. */
function goOnAfterFailures(handler: QueueHandler): QueueHandler {
  return async (event: SQSEvent, context: Context) => {
    const batchItemFailures = [];
    for (const record of event.Records) {
      batchItemFailures.push(...(await handler({ Records: [record] }, context)).batchItemFailures);
    }
    return { batchItemFailures };
  };
}

function readTexts(body: string): string {
  return [...body.matchAll(/"body":"([^"]*)"/g)].map(([, text]) => text).join('|');
}

/** A batch in which an entry was refused while a later one of the same group went in. */
function sendPartsRegardless(queue: InboundQueue, stored: FifoQueue, clock: Clock): InboundQueue {
  const refused: Parameters<InboundQueue['send']>[0][number][] = [];
  return {
    maxBodyBytes: queue.maxBodyBytes,
    async send(messages) {
      try {
        await queue.send(messages);
      } catch (error) {
        if (!(error instanceof BridgeError)) throw error;
        refused.push(...messages);
        return;
      }
      for (const message of refused.splice(0)) stored.send(message, clock.now());
    },
  };
}
