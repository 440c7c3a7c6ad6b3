// Everything the flows reach outside, for one run of a function: stores, desk and gate with faults in front of them.
import { english } from '../lambdas/core/convert/phrase-sets/english.ts';
import { BridgeError } from '../lambdas/core/errors.ts';
import type { AgentDesk, Archive, MessageLedger } from '../lambdas/core/ports.ts';
import type { FenceHandles, Fences, Park, RedeliveryRuns } from '../lambdas/core/redelivery-ports.ts';
import { createCustomerFinder } from '../lambdas/flows/find-customer.ts';
import { createIsolation } from '../lambdas/flows/isolation.ts';
import type { MediaRelay } from '../lambdas/flows/relay-media.ts';
import type { Invocation } from './calls.ts';
import { call } from './calls.ts';
import { isNotice, originalId } from './desk.ts';
import { createGate } from './desk-gate.ts';
import { wrapAll } from './port-proxy.ts';
import { numberId, redelivery, startAt, timing } from './settings.ts';
import { watchStatuses } from './watched-ledger.ts';
import { watchTelemetry } from './watched-telemetry.ts';
import type { World } from './world.ts';

export interface SimulatedStores {
  ledger: MessageLedger;
  fences: Fences;
  park: Park;
  handles: FenceHandles;
  runs: RedeliveryRuns;
  archive: Archive;
}

/** Which function a run is of. */
export type Role = 'worker' | 'drain' | 'sweep' | 'dead-letters' | 'replay';

/** The stores as one run of a function sees them: each call may fail, come late, or be its last. */
export function createStores(invocation: Invocation, world: World, role: Role): SimulatedStores {
  const { context, seams } = world;
  const through = <Port extends object>(name: string, port: Port): Port =>
    wrapAll(port, (method, _args, act) => call(context, invocation, `${name}.${method}`, act));
  const kept = watchStatuses(world.ledger, world.wrongMoves, world.held, world.lastStatus);
  const handles = through('handles', world.handles);
  const closing: Fences = wrapAll<Fences>(world.fences, async (method, args, act) => {
    if (method === 'listOverdue') {
      const [direction, before, limit] = args as Parameters<Fences['listOverdue']>;
      return world.fenceIndex.listOverdue(direction, before, limit, context.time.now());
    }
    const answer = await act();
    await world.fenceIndex.note(context.time.now());
    // Whatever is done to a fence may leave it closed, and then somebody has to look after it.
    world.watchFences();
    return answer;
  });
  const stores: SimulatedStores = {
    ledger: through('ledger', seams.ledger?.(kept, world.ledger) ?? kept),
    fences: through('fences', seams.fences?.(closing, world.fences) ?? closing),
    park: through('park', world.park),
    handles,
    runs: {
      async start({ run, delaySeconds, ...place }) {
        const handle = `${place.direction}-${place.customerId}`;
        await handles.remember(handle, place);
        const name = seams.executionName?.(handle, run) ?? `${handle}-${run}`;
        const { direction } = place;
        const input = { handle, direction, run, attempt: 0, round: 0, waitSeconds: delaySeconds };
        await call(context, invocation, 'runs.start', () => world.machine.start(name, input));
      },
    },
    archive: through('archive', world.archive),
  };
  return seams.stores?.(stores, role, world) ?? stores;
}

export type SimulatedPorts = ReturnType<typeof createPorts>;

/** What the flows of worker, drain, sweep and dead letters reach. */
export function createPorts(invocation: Invocation, world: World, role: Role) {
  const { context, scenario, ids, seams, directory } = world;
  const { time } = context;
  const customers = wrapAll(directory, (method, _args, act) =>
    call(context, invocation, `customers.${method}`, act),
  );
  const plainDesk = createDesk(invocation, world);
  const media: MediaRelay = {
    relay: async () => ({ stored: { state: 'failed', reason: 'not simulated' } }),
    keep: () => Promise.reject(new BridgeError('store-unavailable', 'not simulated')),
  };
  const finder = createCustomerFinder(customers, time);
  return {
    ...createStores(invocation, world, role),
    clock: time,
    randomness: ids,
    customers: seams.finder?.(finder) ?? finder,
    directory: customers,
    desk: seams.desk?.(plainDesk) ?? plainDesk,
    gate: createGate(scenario, time),
    isolation: createIsolation(),
    phrases: english,
    media,
    telemetry: watchTelemetry(world.wrongMoves),
    numbers: new Map([[numberId, { suspended: time.now() < startAt + (scenario.suspendedUntilMs ?? 0) }]]),
    timing: { ...timing, holdMs: scenario.holdMs ?? timing.holdMs },
    redelivery,
  };
}

function createDesk(invocation: Invocation, { context, desk, scenario }: World): AgentDesk {
  return {
    async deliver(_number, message, deadlineAt) {
      const isPoison = scenario.poison.includes(originalId(message)) && !desk.isMended();
      if (isPoison && !isNotice(message.text)) {
        invocation.dead = true;
        invocation.onDeath();
      }
      try {
        const answer = await call(context, invocation, 'desk.deliver', () => desk.receive(message), {
          neverRepeated: true,
        });
        await context.time.sleep(desk.answerMs(message));
        return answer;
      } catch (error) {
        // A request that got no answer: whether it had an effect is not known here.
        if (!(error instanceof BridgeError)) throw error;
        await context.time.sleep(Math.max(deadlineAt - context.time.now(), 0));
        return {
          delivered: false,
          failure: new BridgeError('delivery-unknown', 'no answer', {}, error),
          effect: 'unknown',
        };
      }
    },
  };
}
