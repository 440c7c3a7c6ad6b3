// Dead letters of both directions → park: what crashed a worker beyond reason waits in its order for redelivery.
import { takeDeadLetter } from '../flows/take-dead-letters.ts';
import { createQueueHandler } from '../runtime/queue-handler.ts';
import { openDeadLetterPorts } from '../wiring/dead-letter-ports.ts';
import { openMover } from '../wiring/mover.ts';

const mover = openMover();
const ports = openDeadLetterPorts(mover);

/** One record at a time is read, so none is done before the others; what has to wait comes again by itself. */
const leaveToQueue = async (): Promise<void> => undefined;

export const handler = createQueueHandler({
  processRecord: (record) => takeDeadLetter(record, ports),
  changeVisibility: leaveToQueue,
  deleteRecords: leaveToQueue,
  ...mover.ports,
  backoff: mover.ports.timing,
});
