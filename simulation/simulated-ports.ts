// Everything the flows reach outside, for one run of a function: stores, desk and gate with faults in front of them.
import { english } from '../lambdas/core/convert/phrase-sets/english.ts';
import { BridgeError } from '../lambdas/core/errors.ts';
import type { AgentDesk, DeskGate } from '../lambdas/core/ports.ts';
import { createCustomerFinder } from '../lambdas/flows/find-customer.ts';
import { createIsolation } from '../lambdas/flows/isolation.ts';
import type { MediaRelay } from '../lambdas/flows/relay-media.ts';
import type { Invocation } from './calls.ts';
import { call } from './calls.ts';
import { wrapAll } from './port-proxy.ts';
import { numberId, startAt, timing } from './settings.ts';
import { watchStatuses } from './watched-ledger.ts';
import { watchTelemetry } from './watched-telemetry.ts';
import type { World } from './world.ts';

export function createPorts(invocation: Invocation, world: World) {
  const { context, scenario, ids, seams, desk, directory } = world;
  const through = <T>(operation: string, apply: () => T | Promise<T>) =>
    call(context, invocation, operation, apply);
  const kept = watchStatuses(world.ledger, world.wrongMoves);
  const watched = seams.ledger?.(kept, world.ledger) ?? kept;
  const ledger = wrapAll(watched, (method, _args, act) => through(`ledger.${method}`, act));
  const customers = wrapAll(directory, (method, _args, act) => through(`customers.${method}`, act));
  const plainDesk: AgentDesk = {
    async deliver(_number, message, deadlineAt) {
      if (scenario.poison.includes(message.messageId) && !message.text.startsWith('[')) {
        invocation.dead = true;
        invocation.onDeath();
      }
      try {
        const answer = await call(context, invocation, 'desk.deliver', () => desk.receive(message), {
          neverRepeated: true,
        });
        await context.time.sleep(desk.answerMs());
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
  const gate: DeskGate = { enter: async () => ({ open: true }), leave: () => undefined };
  const media: MediaRelay = {
    relay: async () => ({ stored: { state: 'failed', reason: 'not simulated' } }),
    keep: () => Promise.reject(new BridgeError('store-unavailable', 'not simulated')),
  };
  const finder = createCustomerFinder(customers, context.time);
  return {
    clock: context.time,
    randomness: ids,
    ledger,
    customers: seams.finder?.(finder) ?? finder,
    desk: seams.desk?.(plainDesk) ?? plainDesk,
    gate,
    isolation: createIsolation(),
    phrases: english,
    media,
    telemetry: watchTelemetry(world.wrongMoves),
    archive: { get: () => Promise.reject(new BridgeError('store-unavailable', 'nothing is checked in')) },
    numbers: new Map([
      [numberId, { suspended: context.time.now() < startAt + (scenario.suspendedUntilMs ?? 0) }],
    ]),
    timing,
  };
}
