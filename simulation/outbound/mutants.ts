// The way back with one rule taken out at a time. Each must be noticed by an invariant.
import type { LedgerRecord } from '../../lambdas/core/model/ledger-record.ts';
import type { DeliverOutboundPorts } from '../../lambdas/flows/deliver-outbound.ts';
import { overrideSome } from '../port-proxy.ts';
import type { OutboundMutant, OutboundSeams } from './seams.ts';
import type { OutboundWorld } from './world.ts';

/** Replaces some of the ports, for each run of a function anew. */
function portsMutant(
  change: (ports: DeliverOutboundPorts, world: OutboundWorld) => Partial<DeliverOutboundPorts>,
): () => OutboundSeams {
  return () => ({ ports: (ports, world) => ({ ...ports, ...change(ports, world) }) });
}

/** Changes every record that a claim answers. */
function claimedAs(change: (record: LedgerRecord) => LedgerRecord): () => OutboundSeams {
  return portsMutant(({ ledger }) => ({
    ledger: overrideSome(ledger, {
      async claim(request) {
        const write = await ledger.claim(request);
        return write.won ? { won: true, record: change(write.record) } : write;
      },
    }),
  }));
}

export const outboundMutants: readonly OutboundMutant[] = [
  {
    name: 'unknown-send-is-repeated',
    rule: 'a send of unknown outcome is never repeated',
    create: claimedAs((record) => ({ ...record, tried: 0 })),
  },
  {
    name: 'release-forgets-the-send',
    rule: 'giving a claim back keeps that a send may have happened',
    create: portsMutant(({ ledger }) => ({
      ledger: overrideSome(ledger, {
        release: (key, owner, outcome) => ledger.release(key, owner, { ...outcome, keepTried: false }),
      }),
    })),
  },
  {
    name: 'park-forgets-the-send',
    rule: 'parking keeps that a send may have happened',
    create: portsMutant(({ ledger }) => ({
      ledger: overrideSome(ledger, {
        park: (key, owner, parking) => ledger.park(key, owner, { ...parking, keepTried: false }),
      }),
    })),
  },
  {
    name: 'send-is-not-announced',
    rule: 'that a POST follows is written before it is made',
    create: portsMutant(({ sending }, world) => ({
      sending: overrideSome(sending, {
        async beginPart(key, owner, work) {
          const begun = await sending.beginPart(key, owner, work);
          const record = world.ledger.records.get(key);
          if (begun && record) record.tried = 0;
          return begun;
        },
      }),
    })),
  },
  {
    name: 'sent-part-is-not-noted',
    rule: 'a part that was taken is noted, and the next visit goes on behind it',
    create: portsMutant(({ sending }, world) => ({
      sending: overrideSome(sending, {
        async partSent(key) {
          const record = world.ledger.records.get(key);
          if (record) record.tried = 0;
          return true;
        },
      }),
    })),
  },
  {
    name: 'resumes-at-the-first-part',
    rule: 'a reply goes on at the part that failed',
    create: portsMutant(({ ledger }, world) => ({
      ledger: overrideSome(ledger, {
        async claim(request) {
          const record = world.ledger.records.get(request.key);
          if (record?.sending && record.tried === 0) record.sending = { ...record.sending, partsDone: 0 };
          return ledger.claim(request);
        },
      }),
    })),
  },
  {
    name: 'fails-before-it-is-told',
    rule: 'the agent is told before the ledger says that the reply has failed',
    create: portsMutant(({ telling }, world) => ({
      telling: {
        ...telling,
        deskReceipts: {
          async tell(number, receipt, deadlineAt) {
            const record = world.ledger.records.get(`OUT#${number}#${receipt.genesysId}`);
            if (receipt.status === 'Failed' && record?.status === 'INFLIGHT')
              Object.assign(record, { status: 'FAILED', reason: record.refusal, open: 0, leaseUntil: 0 });
            return telling.deskReceipts.tell(number, receipt, deadlineAt);
          },
        },
      },
    })),
  },
  {
    name: 'fails-without-telling',
    rule: 'the agent is told of every reply that did not go out',
    create: portsMutant(({ telling }) => ({
      telling: {
        ...telling,
        deskReceipts: {
          tell: async (number, receipt, deadlineAt) =>
            receipt.status === 'Failed'
              ? { delivered: true }
              : telling.deskReceipts.tell(number, receipt, deadlineAt),
        },
      },
    })),
  },
  {
    name: 'verdict-is-not-kept',
    rule: 'that a reply is given up is written down before the agent is told',
    create: claimedAs(({ refusal: _forgotten, ...record }) => record),
  },
  {
    name: 'fence-is-ignored',
    rule: 'a closed fence stops whatever comes after',
    create: portsMutant(({ directory }) => ({
      directory: overrideSome(directory, {
        async peek(number, customerId) {
          const profile = await directory.peek(number, customerId);
          if (!profile) return undefined;
          const { fences } = profile;
          return { ...profile, fences: { ...fences, out: { ...fences.out, state: 'open' } } };
        },
      }),
    })),
  },
  {
    name: 'status-proves-nothing',
    rule: 'a status with our tag proves that a part was sent',
    create: claimedAs((record) =>
      record.sending ? { ...record, sending: { ...record.sending, wamids: {} } } : record,
    ),
  },
  {
    name: 'status-is-not-waited-for',
    rule: 'a send of unknown outcome waits for a status before it is given up',
    create: portsMutant(({ outbound }) => ({ outbound: { ...outbound, statusWaitMs: 0 } })),
  },
  {
    name: 'window-is-ignored',
    rule: 'outside the window nothing is sent but templates',
    create: portsMutant(({ directory, clock }) => ({
      directory: overrideSome(directory, {
        async peek(number, customerId) {
          const profile = await directory.peek(number, customerId);
          return profile && { ...profile, lastInboundAt: clock.now() };
        },
      }),
    })),
  },
  {
    name: 'invites-for-every-reply',
    rule: 'a customer is invited once per silence',
    create: portsMutant(({ directory }) => ({
      directory: overrideSome(directory, { inviteOnce: async () => true }),
    })),
  },
  {
    name: 'receipt-is-not-claimed',
    rule: 'one teller at a time, and what may have been told is not contradicted',
    create: portsMutant(({ telling }) => ({
      telling: {
        ...telling,
        receipts: overrideSome(telling.receipts, {
          claimReceipt: async (_key, { receipt }) => ({ state: 'mine', receipt, attempts: 1 }),
        }),
      },
    })),
  },
  {
    name: 'unknown-receipt-frees-the-choice',
    rule: 'a receipt of unknown outcome stands',
    create: portsMutant(({ telling }) => ({
      telling: {
        ...telling,
        receipts: overrideSome(telling.receipts, {
          releaseReceipt: (key, owner) => telling.receipts.releaseReceipt(key, owner, { keep: false }),
        }),
      },
    })),
  },
  {
    name: 'any-answer-is-200',
    rule: 'a webhook is acknowledged only when it is queued',
    create: () => ({ answer: () => 200 }),
  },
];

export function findOutboundMutant(name: string): OutboundMutant | undefined {
  return outboundMutants.find((mutant) => mutant.name === name);
}
