// Outbound queue → WhatsApp: claims, converts, sends and settles every message of agents and bots in the batch.
import { createSqsClient } from '../adapters/aws/clients.ts';
import { createDeleteRecords } from '../adapters/aws/sqs-deletion.ts';
import { createChangeVisibility } from '../adapters/aws/sqs-visibility.ts';
import { deliverOutbound } from '../flows/deliver-outbound.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { createQueueHandler } from '../runtime/queue-handler.ts';
import { openDeskAccess } from '../wiring/desk-access.ts';
import { openMover } from '../wiring/mover.ts';
import { openOutboundPorts } from '../wiring/outbound-ports.ts';

const mover = openMover();
const ports = openOutboundPorts(mover, openDeskAccess(mover));
const queue = [createSqsClient(), requireEnv(Env.outboundQueueUrl)] as const;

export const handler = createQueueHandler({
  processRecord: (record) => deliverOutbound(record, ports),
  changeVisibility: createChangeVisibility(...queue),
  deleteRecords: createDeleteRecords(...queue),
  ...mover.ports,
  backoff: mover.ports.timing,
});
