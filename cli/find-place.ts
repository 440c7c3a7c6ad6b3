// Where a deployment is, found with the operator's own AWS credentials.
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { createSecretsClient } from '../lambdas/adapters/aws/clients.ts';
import { CommandError, exitCodes } from './command-error.ts';

/** Account and region stand in the ARN of any resource; a secret's is there to be read without its value. */
export async function findPlace(secretId: string): Promise<{ region: string; account: string }> {
  try {
    const { ARN = '' } = await createSecretsClient().send(new DescribeSecretCommand({ SecretId: secretId }));
    const [, , , region = '', account = ''] = ARN.split(':');
    return { region, account };
  } catch (error) {
    const reason = error instanceof Error ? error.name : String(error);
    throw new CommandError(
      `the deployment cannot be reached: secret ${secretId} was not found with your AWS credentials and region (${reason})`,
      exitCodes.unreachable,
    );
  }
}
