// On a schedule: starts redelivery anew where it should have tried again and did not.
import { sweepFences } from '../flows/sweep-fences.ts';
import { createTaskHandler } from '../runtime/task-handler.ts';
import { openMover } from '../wiring/mover.ts';

const { ports } = openMover();

export const handler = createTaskHandler(() => sweepFences(ports), ports.telemetry);
