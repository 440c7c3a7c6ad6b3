// Puts the tasks of a replay together from what its function has.

import type { Phrases } from '../../core/convert/phrases.ts';
import type { TemplateName } from '../../core/convert/whatsapp/template-send.ts';
import type { MediaLinks, MediaStore } from '../../core/media-ports.ts';
import type { DeskMessage } from '../../core/model/desk-message.ts';
import type { InboundEnvelope, InboundItem } from '../../core/model/envelope.ts';
import type { PlannedCall } from '../../core/model/replay.ts';
import type {
  Archive,
  Clock,
  CustomerDirectory,
  InboundQueue,
  MessageLedger,
  Pseudonyms,
  Telemetry,
} from '../../core/ports.ts';
import type { Fences, Park, RedeliveryRuns } from '../../core/redelivery-ports.ts';
import type { ArchiveIndex, LedgerSearch, RawItem } from '../../core/replay-ports.ts';
import { findRecipient } from '../outbound/find-recipient.ts';
import { peekCustomer } from '../peek-customer.ts';
import { createMediaRelay } from '../relay-media.ts';
import { lookOnly } from './look-only.ts';
import { previewInbound } from './preview-inbound.ts';
import { previewOutbound } from './preview-outbound.ts';
import { type ReplayTask, type ReplayTaskAnswer, type RunReplayPorts, runReplayTask } from './run-replay.ts';

export interface ReplayTasksOptions {
  tenant: string;
  clock: Clock;
  telemetry: Telemetry;
  numbers: ReadonlyMap<string, { integrationId: string }>;
  pseudonyms: Pseudonyms;
  /** Plain hash, hex. */
  hash(text: string): string;
  archive: Archive;
  archiveIndex: ArchiveIndex;
  archiveDays: number;
  rememberDays: number;
  search: LedgerSearch;
  ledger: MessageLedger;
  directory: CustomerDirectory;
  fences: Fences;
  park: Park;
  runs: RedeliveryRuns;
  queues: Readonly<Record<'in' | 'out', InboundQueue>>;
  media: MediaStore;
  links: Pick<MediaLinks, 'mint'>;
  phrases: Phrases;
  templates: Readonly<Record<string, TemplateName>>;
  /** The requests to the desk for a message, in the order in which they would be tried. */
  toDeskCalls(integrationId: string, message: DeskMessage): readonly [PlannedRequest, ...PlannedRequest[]];
  sendUrl(numberId: string): string;
}

type PlannedRequest = Pick<PlannedCall, 'method' | 'url' | 'body'>;

const msPerDay = 86_400_000;

export function createReplayTasks(
  options: ReplayTasksOptions,
): (task: ReplayTask) => Promise<ReplayTaskAnswer> {
  const { clock, numbers, directory, archiveDays, rememberDays, search, hash } = options;
  const numberIds = [...numbers.keys()];
  const numberOfIntegration = new Map([...numbers].map(([id, { integrationId }]) => [integrationId, id]));
  const terms = { hash, numberOfIntegration };
  const preview = createPreview(options);
  const looking = lookOnly(directory);
  return (task) => {
    const now = clock.now();
    const ports: RunReplayPorts = {
      ...options,
      ledger: search,
      terms,
      numberIds,
      now,
      oldestRawAt: now - archiveDays * msPerDay,
      rememberedMs: rememberDays * msPerDay,
      findCustomer: (raw) => findCustomer(raw, now, directory),
      findCustomers: (name) =>
        Promise.all(
          numberIds.map(
            async (numberId) => (await findRecipient({ to: name }, numberId, now, looking)).customerId,
          ),
        ),
      preview,
    };
    return runReplayTask(task, ports);
  };
}

/** Where the customer of a message is filed, without counting as activity. */
async function findCustomer(raw: RawItem, now: number, directory: CustomerDirectory): Promise<string> {
  const { item, numberId, customerKey, receivedAt } = raw;
  if ('to' in item) return (await findRecipient(item, numberId, now, directory)).customerId;
  return (await peekCustomer(item, numberId, receivedAt, directory))?.customerId ?? customerKey;
}

function createPreview(options: ReplayTasksOptions): RunReplayPorts['preview'] {
  const { clock, numbers, phrases, templates, telemetry, media, links, hash, tenant } = options;
  const { ledger, sendUrl } = options;
  const looking = lookOnly(options.directory);
  const nothing = () => Promise.reject(new Error('a dry run fetches nothing'));
  const relay = createMediaRelay({
    tenant,
    clock,
    sleeper: { sleep: nothing },
    source: { lookUp: nothing, open: nothing },
    store: media,
    links,
    hash,
    telemetry,
  });
  const inbound = {
    ledger,
    customers: {
      peek: async (item: InboundItem, { numberId, receivedAt }: InboundEnvelope) =>
        (await peekCustomer(item, numberId, receivedAt, looking))?.profile,
    },
    media: relay,
    phrases,
    telemetry,
    toCall: (numberId: string, message: DeskMessage) =>
      options.toDeskCalls(numbers.get(numberId)?.integrationId ?? '', message)[0],
  };
  const outbound = { clock, directory: looking, ledger, conversion: { templates, phrases }, sendUrl };
  return async (raw, verdict, { number }) => {
    const { item } = raw;
    if ('to' in item) return previewOutbound({ ...raw, item }, { number, verdict }, outbound);
    const call = await previewInbound({ ...raw, item }, { number, verdict }, inbound);
    return call === undefined ? [] : [call];
  };
}
