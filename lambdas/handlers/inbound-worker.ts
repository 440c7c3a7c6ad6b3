// Inbound queue → Genesys: claims, converts, delivers and settles every message of the customers in the batch.
import { createSqsClient } from '../adapters/aws/clients.ts';
import { createDeleteRecords } from '../adapters/aws/sqs-deletion.ts';
import { createChangeVisibility } from '../adapters/aws/sqs-visibility.ts';
import { deliverInbound } from '../flows/deliver-inbound.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { createQueueHandler } from '../runtime/queue-handler.ts';
import { openDeskAccess } from '../wiring/desk-access.ts';
import { openInboundPorts } from '../wiring/inbound-ports.ts';
import { openMover } from '../wiring/mover.ts';

const mover = openMover();
const ports = openInboundPorts(mover, openDeskAccess(mover));
const queue = [createSqsClient(), requireEnv(Env.inboundQueueUrl)] as const;

export const handler = createQueueHandler({
  processRecord: (record) => deliverInbound(record, ports),
  changeVisibility: createChangeVisibility(...queue),
  deleteRecords: createDeleteRecords(...queue),
  ...mover.ports,
  backoff: mover.ports.timing,
});
