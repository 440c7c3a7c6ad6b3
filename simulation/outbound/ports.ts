// Everything the flows of the way back reach outside, for one run of a function: stores, WhatsApp, Genesys and gates, with
// faults in front of them.
import { english } from '../../lambdas/core/convert/phrase-sets/english.ts';
import { BridgeError } from '../../lambdas/core/errors.ts';
import type { CustomerMessenger, DeskReceipts, SendAnswer } from '../../lambdas/core/outbound-ports.ts';
import type { DeskGate } from '../../lambdas/core/ports.ts';
import type { FenceHandles, Fences, RedeliveryRuns } from '../../lambdas/core/redelivery-ports.ts';
import type { DeliverOutboundPorts } from '../../lambdas/flows/deliver-outbound.ts';
import { createIsolation } from '../../lambdas/flows/isolation.ts';
import { createReadMarks } from '../../lambdas/flows/outbound/show-activity.ts';
import type { Invocation } from '../calls.ts';
import { call } from '../calls.ts';
import { wrapAll } from '../port-proxy.ts';
import { numberId, redelivery, startAt, timing } from '../settings.ts';
import { watchStatuses } from '../watched-ledger.ts';
import { watchTelemetry } from '../watched-telemetry.ts';
import type { OutboundScenario } from './scenario.ts';
import type { OutboundWorld } from './world.ts';

export const statusWaitMs = 15 * 60_000;

export type SimulatedOutboundPorts = DeliverOutboundPorts & { fences: Fences; handles: FenceHandles };

export function createOutboundPorts(invocation: Invocation, world: OutboundWorld): SimulatedOutboundPorts {
  const { context, scenario, ids, seams } = world;
  const { time } = context;
  const through = <Port extends object>(name: string, port: Port): Port =>
    wrapAll(port, (method, _args, act) => call(context, invocation, `${name}.${method}`, act));
  const watched = wrapAll<Fences>(world.fences, async (_method, _args, act) => {
    const answer = await act();
    // Whatever is done to a fence may leave it closed, and then somebody has to look after it.
    world.watchFences();
    return answer;
  });
  const fences = through('fences', watched);
  const receipts = wrapAll(world.receipts, async (method, [key, seen], act) => {
    const answer = await act();
    if (method === 'addStatus' && answer) world.noteStatus(String(key), seen);
    return answer;
  });
  const shared = { clock: time, randomness: ids, telemetry: watchTelemetry(world.wrongMoves), timing };
  const schedule = { ...redelivery, horizonMs: scenario.horizonMs ?? redelivery.horizonMs };
  const watchedLedger = watchStatuses(world.ledger, world.wrongMoves, new Set(), world.lastStatus, schedule);
  const ports: DeliverOutboundPorts = {
    ...shared,
    timing: { ...timing, holdMs: scenario.holdMs ?? timing.holdMs },
    ledger: through('ledger', watchedLedger),
    sending: through('sending', world.sending),
    directory: through('customers', world.directory),
    fences,
    park: through('park', world.park),
    archive: through('archive', world.archive),
    runs: createRuns(invocation, world),
    redelivery: schedule,
    gate: createOutageGate(scenario.troubles, world),
    isolation: createIsolation(),
    readMarks: createReadMarks(),
    messenger: createMessenger(invocation, world),
    files: {
      prepare: ({ attachment }) =>
        call(context, invocation, 'files.prepare', () => ({
          state: 'ready',
          send: { type: 'image', image: { id: attachment.url } },
        })),
    },
    telling: {
      ...shared,
      receipts: through('receipts', receipts),
      deskReceipts: createDeskReceipts(invocation, world),
      gate: createOutageGate(scenario.deskTroubles, world),
    },
    phrases: english,
    outbound: {
      typing: true,
      templates: {},
      statusWaitMs,
      ...(scenario.invites ? { reengagement: { name: 'write_again', language: 'en' } } : {}),
    },
    numbers: new Map([[numberId, { suspended: false }]]),
  };
  return { ...(seams.ports?.(ports, world) ?? ports), fences, handles: through('handles', world.handles) };
}

function createRuns(invocation: Invocation, world: OutboundWorld): RedeliveryRuns {
  const { context, handles, machine } = world;
  return {
    async start({ run, delaySeconds, ...place }) {
      const handle = `${place.direction}-${place.customerId}`;
      await call(context, invocation, 'handles.remember', () => handles.remember(handle, place));
      const { direction } = place;
      const input = { handle, direction, run, attempt: 0, round: 0, waitSeconds: delaySeconds };
      await call(context, invocation, 'runs.start', () => machine.start(`${handle}-${run}`, input));
    },
  };
}

function createMessenger(invocation: Invocation, { context, whatsapp }: OutboundWorld): CustomerMessenger {
  const { time } = context;
  return {
    async send(_number, target, message, tag, deadlineAt) {
      const post = whatsapp.begin(tag, target, message.type);
      const answer = await noAnswerAsUnknown(
        () =>
          call(context, invocation, 'whatsapp.send', () => whatsapp.receive(post), { neverRepeated: true }),
        () => time.sleep(Math.max(deadlineAt - time.now(), 0)),
      );
      post.outcome = answer.sent ? 'sent' : answer.effect;
      return answer;
    },
    upload: () => Promise.reject(new BridgeError('invariant-broken', 'files are at hand here')),
    async markRead() {
      try {
        return await call(context, invocation, 'whatsapp.mark', () => ({ done: true }), {
          neverRepeated: true,
        });
      } catch (failure) {
        if (!(failure instanceof BridgeError)) throw failure;
        return { failure };
      }
    },
  };
}

/** A request that got no answer: whether it had an effect is not known here. */
async function noAnswerAsUnknown(
  ask: () => Promise<SendAnswer | 'no-answer'>,
  waitInVain: () => Promise<void>,
): Promise<SendAnswer> {
  try {
    const answer = await ask();
    if (answer !== 'no-answer') return answer;
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
  }
  await waitInVain();
  return { sent: false, failure: new BridgeError('delivery-unknown', 'no answer'), effect: 'unknown' };
}

function createDeskReceipts(invocation: Invocation, { context, genesys }: OutboundWorld): DeskReceipts {
  const { time } = context;
  return {
    async tell(_number, receipt, deadlineAt) {
      try {
        return await call(context, invocation, 'genesys.tell', () => genesys.receive(receipt), {
          neverRepeated: true,
        });
      } catch (error) {
        if (!(error instanceof BridgeError)) throw error;
        await time.sleep(Math.max(deadlineAt - time.now(), 0));
        const failure = new BridgeError('delivery-unknown', 'no answer', {}, error);
        return { delivered: false, failure, effect: 'unknown' };
      }
    },
  };
}

/** How long an outage lasts before its circuit opens, and how long those who are sent away stay away. */
const openAfterMs = 10_000;
const longestAwayMs = 30_000;

function createOutageGate(
  outages: OutboundScenario['troubles'] | OutboundScenario['deskTroubles'],
  { context: { time } }: OutboundWorld,
): DeskGate {
  return {
    async enter() {
      const elapsed = time.now() - startAt;
      for (const { circuit, fromMs, untilMs } of outages) {
        if (!circuit || elapsed < fromMs + openAfterMs || elapsed >= untilMs) continue;
        return { open: false, delayMs: Math.min(untilMs - elapsed, longestAwayMs), reason: 'circuit' };
      }
      return { open: true };
    },
    leave: () => undefined,
  };
}
