// Agent → customer: what sending needs, whether a message comes from the queue or from the park.
import { createMediaS3Client } from '../adapters/aws/clients.ts';
import { createDynamoAllowance } from '../adapters/aws/dynamo-allowance.ts';
import { createDynamoReceipts } from '../adapters/aws/dynamo-receipts.ts';
import { createDynamoSending } from '../adapters/aws/dynamo-sending.ts';
import { createS3Media } from '../adapters/aws/s3-media.ts';
import { createSsmClient, createSsmSwitches } from '../adapters/aws/ssm-switches.ts';
import { createGenesysAttachments } from '../adapters/genesys/genesys-attachments.ts';
import { createGenesysReceipts } from '../adapters/genesys/genesys-receipts.ts';
import { createMediaLinks } from '../adapters/media-links.ts';
import { createMetaMessenger } from '../adapters/meta/meta-messenger.ts';
import { createNumberGates } from '../adapters/pacing/number-gates.ts';
import { PacedGate } from '../adapters/pacing/paced-gate.ts';
import { openPhraseBook } from '../adapters/phrase-book.ts';
import { hashText } from '../adapters/pseudonyms.ts';
import type { DeliverOutboundPorts } from '../flows/deliver-outbound.ts';
import { createIsolation } from '../flows/isolation.ts';
import { createOutboundFiles } from '../flows/outbound/prepare-file.ts';
import { createReadMarks } from '../flows/outbound/show-activity.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { readLocalProviders, readOutbound, readPhraseConfig } from '../runtime/settings.ts';
import type { DeskAccess } from './desk-access.ts';
import type { Mover } from './mover.ts';

/** WhatsApp takes 80 messages a second of a number, those coming in included. Source: Meta, throughput (2026-05). */
const sendsPerMinute = 80 * 60;

export function openOutboundPorts(mover: Mover, access: DeskAccess): DeliverOutboundPorts {
  const { settings, secrets, bucket, ledgerTable, customersTable, directory, ports } = mover;
  const { clock, numbers, timing } = ports;
  const { hosts, tokens, gate: deskGate, onRateNotice } = access;
  const local = readLocalProviders();
  const outbound = readOutbound();
  const { graphVersion } = outbound;
  const messenger = createMetaMessenger({ secrets, clock, graphVersion, localUrl: local?.metaUrl });
  const domain = requireEnv(Env.genesysRegion);
  const files = {
    messenger,
    source: createGenesysAttachments({ tokens, secrets, clock, domain, localUrl: local?.genesysUrl }),
    store: createS3Media(createMediaS3Client(), bucket, clock),
    links: createMediaLinks({ secrets, numbers, baseUrl: requireEnv(Env.publicUrl), clock }),
  };
  const openGate = (numberId: string) =>
    new PacedGate({
      ...ports,
      allowance: createDynamoAllowance(
        customersTable.client,
        customersTable.table,
        `${settings.tenant}#whatsapp-${numberId}`,
      ),
      requestsPerMinute: sendsPerMinute,
      backoff: timing,
      probeMs: timing.leaseMs,
      nameAccount: hashText,
    });
  const telling = {
    ...ports,
    receipts: createDynamoReceipts(ledgerTable.client, ledgerTable.table),
    deskReceipts: createGenesysReceipts({ hosts, tokens, clock, numbers, secrets, onRateNotice }),
    gate: deskGate,
  };
  return {
    ...ports,
    gate: createNumberGates(openGate),
    switches: createSsmSwitches(createSsmClient(), requireEnv(Env.switchesParameter), ports),
    isolation: createIsolation(),
    readMarks: createReadMarks(),
    directory,
    sending: createDynamoSending(ledgerTable),
    messenger,
    files: createOutboundFiles({ ...ports, ...files, tenant: settings.tenant, hash: hashText }),
    telling,
    phrases: openPhraseBook(readPhraseConfig()),
    outbound,
  };
}
