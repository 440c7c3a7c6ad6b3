// The values of the template's secrets: those of the numbers come from the secrets file, others from the template.
import { randomBytes } from 'node:crypto';
import type { SecretSpec } from './aws/provision.ts';
import type { Plan } from './plan.ts';
import type { NumberSecrets } from './secrets-file.ts';

/** @throws Error when the secret of a number is not in the template. */
export function fillSecrets(
  { secrets, numbers }: Pick<Plan, 'secrets' | 'numbers'>,
  known: Record<string, NumberSecrets>,
): SecretSpec[] {
  const isOf = (name: string, id: string) => name.endsWith(`-number-${id}`);
  for (const { phoneNumberId } of numbers) {
    if (!secrets.some(({ name }) => isOf(name, phoneNumberId))) {
      throw new Error(`the templates have no secret for number ${phoneNumberId} (…-number-${phoneNumberId})`);
    }
  }
  return secrets.map(({ name, value }) => {
    const number = numbers.find(({ phoneNumberId }) => isOf(name, phoneNumberId));
    if (number) return { name, value: JSON.stringify(known[number.phoneNumberId]) };
    return { name, value: value ?? randomBytes(24).toString('hex') };
  });
}
