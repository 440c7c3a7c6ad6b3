// Customer → agent: what delivering needs, whether a message comes from the queue or from the park.
import { createMediaS3Client } from '../adapters/aws/clients.ts';
import { createS3Media } from '../adapters/aws/s3-media.ts';
import { createSsmClient, createSsmSwitches } from '../adapters/aws/ssm-switches.ts';
import { createGenesysConversations } from '../adapters/genesys/genesys-conversations.ts';
import { createGenesysDesk } from '../adapters/genesys/genesys-desk.ts';
import { createMediaLinks } from '../adapters/media-links.ts';
import { createMetaMedia } from '../adapters/meta/meta-media.ts';
import { openPhraseBook } from '../adapters/phrase-book.ts';
import { hashText } from '../adapters/pseudonyms.ts';
import type { DeliverInboundPorts } from '../flows/deliver-inbound.ts';
import { createCustomerFinder } from '../flows/find-customer.ts';
import { createIsolation } from '../flows/isolation.ts';
import { createLeaving } from '../flows/leave-conversation.ts';
import { createMediaRelay } from '../flows/relay-media.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { readConversations, readLocalProviders, readPhraseConfig } from '../runtime/settings.ts';
import type { DeskAccess } from './desk-access.ts';
import type { Mover } from './mover.ts';

export function openInboundPorts(mover: Mover, access: DeskAccess): DeliverInboundPorts {
  const { settings, secrets, bucket, directory, ports } = mover;
  const { clock, numbers } = ports;
  const { hosts, tokens, gate, onRateNotice } = access;
  const media = {
    source: createMetaMedia({ secrets, clock, localUrl: readLocalProviders()?.metaUrl }),
    store: createS3Media(createMediaS3Client(), bucket, clock),
    links: createMediaLinks({ secrets, numbers, baseUrl: requireEnv(Env.publicUrl), clock }),
  };
  const calls = { hosts, tokens, clock, secrets, onRateNotice };
  const { stopWords, idleMs } = readConversations();
  const conversations = createGenesysConversations(calls);
  return {
    ...ports,
    gate,
    switches: createSsmSwitches(createSsmClient(), requireEnv(Env.switchesParameter), ports),
    isolation: createIsolation(),
    desk: createGenesysDesk({ ...calls, numbers }),
    media: createMediaRelay({ ...ports, ...media, tenant: settings.tenant, hash: hashText }),
    phrases: openPhraseBook(readPhraseConfig()),
    customers: createCustomerFinder(directory, clock, idleMs === undefined ? {} : { idleMs }),
    leaveIfAsked: createLeaving({ ...ports, customers: directory, conversations, stopWords }),
  };
}
