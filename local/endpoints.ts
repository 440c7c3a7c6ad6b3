// `endpoints.json`: tells other programs where everything listens. It is there exactly while the run is ready.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from './plan.ts';
import { type NumberSecrets, writePrivateFile } from './secrets-file.ts';

export interface Urls {
  bridge: string;
  meta: string;
  genesys: string;
  control: string;
  aws: string;
}

/** Same order and names as promised to the readers of the file. */
export function describeEndpoints(urls: Urls, plan: Plan, secrets: Record<string, NumberSecrets>) {
  const [first] = plan.numbers;
  const own = secrets[first?.phoneNumberId ?? ''];
  return {
    bridge: urls.bridge,
    meta: urls.meta,
    genesys: urls.genesys,
    twilio: null,
    control: urls.control,
    aws: urls.aws,
    tables: plan.tables.map(({ name }) => name),
    numbers: plan.numbers.map(({ phoneNumberId }) => phoneNumberId),
    tenant: plan.tenant,
    stage: plan.stage,
    phoneNumberId: first?.phoneNumberId,
    integrationId: first?.integrationId,
    // For the bridge's own command line.
    integrations: Object.fromEntries(
      plan.numbers.map(({ phoneNumberId, integrationId }) => [phoneNumberId, integrationId]),
    ),
    archiveBucket: plan.buckets[0]?.name,
    secrets: {
      metaAppSecret: own?.metaAppSecret,
      metaVerifyToken: own?.metaVerifyToken,
      genesysWebhookSecret: own?.genesysWebhookSecret,
      twilioAuthToken: null,
    },
  };
}

/** @returns a function that takes the file away. */
export function writeEndpoints(dir: string, endpoints: object): () => void {
  const file = join(dir, 'endpoints.json');
  writePrivateFile(file, `${JSON.stringify(endpoints, null, 2)}\n`);
  return () => rmSync(file, { force: true });
}
