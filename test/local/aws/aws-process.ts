// The local AWS in a process of its own, since its emulators are ES modules that Jest cannot load; driven over IPC.

import { type AwsCall, type LocalAws, startLocalAws } from '../../../local/aws/local-aws.ts';
import { type AwsResources, provision } from '../../../local/aws/provision.ts';

export interface AwsProcessMethods {
  calls: (since: number) => AwsCall[];
  putFaults: (faults: Parameters<LocalAws['putFaults']>[0]) => void;
  clearFaults: () => void;
  provision: (resources: AwsResources) => Promise<void>;
  deny: (operation: string, error: string) => void;
  breakHook: () => void;
  allowAll: () => void;
  close: () => Promise<void>;
}

const aws = await startLocalAws({
  port: 0,
  region: 'eu-west-1',
  accountId: '000000000000',
  services: new Set(['dynamodb', 'sqs', 's3', 'secretsmanager', 'ssm', 'states']),
});

const methods: AwsProcessMethods = {
  calls: (since) => aws.calls(since),
  putFaults: (faults) => aws.putFaults(faults),
  clearFaults: () => aws.clearFaults(),
  provision: (resources) => provision(aws, resources),
  deny: (operation, error) =>
    aws.onCall(async (call, body) =>
      call.operation === operation
        ? { error, message: `${call.function} sent ${body.length} bytes` }
        : 'allow',
    ),
  breakHook: () =>
    aws.onCall(async () => {
      throw new Error('the hook broke');
    }),
  allowAll: () => aws.onCall(undefined),
  close: () => aws.close(),
};

// A test that was cut short asks for no end; left behind, this process would keep Jest waiting for ever.
process.on('disconnect', () => process.exit());

process.on(
  'message',
  async ({ id, method, args }: { id: number; method: keyof AwsProcessMethods; args: never[] }) => {
    try {
      const run = methods[method] as (...args: never[]) => unknown;
      process.send?.({ id, value: await run(...args) });
    } catch (error) {
      process.send?.({ id, error: String(error) });
    }
  },
);

process.send?.({
  id: 0,
  value: { url: aws.url, env: aws.functionEnv('any'), runner: aws.clientConfig('test') },
});
