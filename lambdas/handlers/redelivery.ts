// One attempt of a redelivery run: delivers what waits behind a customer's fence, in either direction.
import type { RunState } from '../flows/drain-customer.ts';
import { drainCustomer } from '../flows/drain-customer.ts';
import { createTaskHandler } from '../runtime/task-handler.ts';
import { openMover } from '../wiring/mover.ts';
import { openRedeliveryPorts } from '../wiring/redelivery-ports.ts';

const mover = openMover();
const ports = openRedeliveryPorts(mover);
/** Kept for saying when the next attempt is; a message keeps what it needs for itself. */
const reserveMs = 500;

export const handler = createTaskHandler((state: RunState, context) => {
  const deadlineAt = mover.ports.clock.now() + context.getRemainingTimeInMillis() - reserveMs;
  return drainCustomer(state, deadlineAt, ports);
}, mover.ports.telemetry);
