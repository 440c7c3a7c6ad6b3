// What must hold between fields, once file, stage and defaults are laid over each other.
import { refuse } from './field-rules.ts';
import { toNumberConfigs } from './function-settings.ts';
import type { Deployment } from './names.ts';
import type { TenantNumber, TenantSettings } from './tenant-fields.ts';

/** Lambda allows 4 KB for all variables together; the others need less than one. */
const largestNumbersBytes = 3 * 1024;

const largestPhrasesBytes = 400;

/** @throws TenantFileError for the first contradiction. */
export function checkStage(settings: TenantSettings, deployment: Deployment, file: string): void {
  checkTiming(settings, deployment, file);
  const phraseBytes = Buffer.byteLength(JSON.stringify(settings.phrases));
  if (phraseBytes > largestPhrasesBytes) {
    throw refuse(
      { file, path: 'phrases' },
      `need ${phraseBytes} bytes of the functions' environment and ${largestPhrasesBytes} are allowed; replace fewer of them`,
    );
  }
  const bytes = Buffer.byteLength(JSON.stringify(toNumberConfigs(deployment, settings.numbers)));
  if (bytes > largestNumbersBytes) {
    throw refuse(
      { file, path: 'numbers' },
      `${settings.numbers.length} numbers need ${bytes} bytes of the functions' environment and ${largestNumbersBytes} are allowed; move some to a tenant of their own`,
    );
  }
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
