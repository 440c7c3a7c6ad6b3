// What must hold between fields, once file, stage and defaults are laid over each other.
import { refuse } from './field-rules.ts';
import {
  toConversationConfig,
  toNumberConfigs,
  toOutboundConfig,
  toRedeliveryConfig,
} from './function-settings.ts';
import type { Deployment } from './names.ts';
import type { TenantNumber, TenantSettings } from './tenant-fields.ts';

/** Lambda allows 4 KB for all variables together, and names, addresses and times need this much less. */
const largestSettingsBytes = 4 * 1024 - 1500;

/** @throws TenantFileError for the first contradiction. */
export function checkStage(settings: TenantSettings, deployment: Deployment, file: string): void {
  checkTiming(settings, deployment, file);
  checkRedelivery(settings, deployment, file);
  checkEnvironmentSize(settings, deployment, file);
}

/** The function that redelivers is told all of it, so all of it must fit together. */
function checkEnvironmentSize(settings: TenantSettings, deployment: Deployment, file: string): void {
  const texts = {
    numbers: JSON.stringify(toNumberConfigs(deployment, settings.numbers)),
    phrases: JSON.stringify(settings.phrases),
    outbound: JSON.stringify(toOutboundConfig(settings)),
    conversations: JSON.stringify(toConversationConfig(settings)),
    redelivery: JSON.stringify(toRedeliveryConfig(settings)),
  };
  const sizes = Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.byteLength(text) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= largestSettingsBytes) return;
  const [largest = { path: '', bytes: 0 }] = sizes.toSorted((a, b) => b.bytes - a.bytes);
  const fix =
    largest.path === 'numbers'
      ? `move some of the ${settings.numbers.length} numbers to a tenant of their own`
      : 'shorten it';
  throw refuse(
    { file, path: largest.path },
    `needs ${largest.bytes} bytes of the functions' environment, with the other settings ${total}, and ${largestSettingsBytes} are allowed; ${fix}`,
  );
}

/** @throws TenantFileError when two numbers share what must be theirs alone. */
export function checkDistinctNumbers(numbers: readonly TenantNumber[], file: string, path: string): void {
  for (const field of ['phoneNumberId', 'integrationId'] as const) {
    const seen = new Map<string, number>();
    for (const [index, number] of numbers.entries()) {
      const value = number[field].toLowerCase();
      const first = seen.get(value);
      if (first !== undefined) {
        throw refuse(
          { file, path: `${path}[${index}].${field}` },
          `${number[field]} is already used by ${path}[${first}]; each number needs its own`,
        );
      }
      seen.set(value, index);
    }
  }
}

function checkTiming({ timing }: TenantSettings, { stage }: Deployment, file: string): void {
  const rules: { field: keyof typeof timing; above: keyof typeof timing; orEqual: boolean; why: string }[] = [
    {
      field: 'leaseSeconds',
      above: 'postTimeoutSeconds',
      orEqual: false,
      why: 'a claim must outlive its own delivery',
    },
    {
      field: 'visibilitySeconds',
      above: 'leaseSeconds',
      orEqual: true,
      why: 'a message must not come back while its claim is alive',
    },
    {
      field: 'visibilitySeconds',
      above: 'workerTimeoutSeconds',
      orEqual: true,
      why: 'AWS refuses a queue that returns messages before the function may end',
    },
    {
      field: 'backoffCapSeconds',
      above: 'backoffBaseSeconds',
      orEqual: true,
      why: 'the longest delay cannot be shorter than the first',
    },
  ];
  for (const { field, above, orEqual, why } of rules) {
    const [value, bound] = [timing[field], timing[above]];
    if (value > bound || (orEqual && value === bound)) continue;
    throw refuse(
      { file, path: `timing.${field}` },
      `is ${value} for stage ${stage} and must be ${orEqual ? 'at least' : 'greater than'} timing.${above} (${bound}): ${why}`,
    );
  }
}

function checkRedelivery({ redelivery }: TenantSettings, { stage }: Deployment, file: string): void {
  const { holdSeconds, scheduleSeconds, horizonSeconds } = redelivery;
  const demand = (isMet: boolean, path: string, problem: string) => {
    if (!isMet) throw refuse({ file, path }, `${problem} (stage ${stage})`);
  };
  demand(
    holdSeconds < horizonSeconds,
    'redelivery.holdSeconds',
    `is ${holdSeconds} and must be less than redelivery.horizonSeconds (${horizonSeconds}): a message would expire before it is parked`,
  );
  for (const [index, delay] of scheduleSeconds.entries()) {
    const before = scheduleSeconds[index - 1] ?? 0;
    demand(
      delay >= before,
      `redelivery.scheduleSeconds[${index}]`,
      `is ${delay} after ${before}: each delay must be at least the one before it`,
    );
  }
}
