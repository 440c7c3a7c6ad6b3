import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { createSfnRedeliveryRuns } from '../../../../lambdas/adapters/aws/sfn-redelivery-runs.ts';
import { createPseudonyms } from '../../../../lambdas/adapters/pseudonyms.ts';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
import type { FencePlace } from '../../../../lambdas/core/redelivery-ports.ts';
import { MemoryFenceHandles } from '../../../../simulation/stores/memory-park.ts';
import { aNumberSecret } from '../../../builders.ts';

const sfn = mockClient(SFNClient);
beforeEach(() => sfn.reset());
afterAll(() => sfn.restore());

const machineArn = 'arn:aws:states:eu-west-2:123456789012:stateMachine:acme-prod-redelivery';
const order = { numberId: '1', customerId: 'GB.1', direction: 'in', run: 7, delaySeconds: 60 } as const;
const place = { numberId: '1', customerId: 'GB.1', direction: 'in' } as const;

function arrange(remember?: (handle: string, place: FencePlace) => Promise<void>) {
  const secret = aNumberSecret();
  const secrets = {
    get: async () => secret,
    all: async () => ({ secrets: [secret], complete: true }),
    refreshIfStale: () => false,
  };
  const handles = new MemoryFenceHandles();
  const runs = createSfnRedeliveryRuns({
    client: new SFNClient({}),
    machineArn,
    pseudonyms: createPseudonyms(secrets, ['1', '2']),
    handles: remember ? { remember } : handles,
  });
  return { runs, handles };
}
const started = () => sfn.commandCalls(StartExecutionCommand).map(({ args }) => args[0].input);

describe('a redelivery run', () => {
  it('is started under a name that leads back to the fence and reveals nobody', async () => {
    sfn.on(StartExecutionCommand).resolves({});
    const { runs, handles } = arrange();

    await runs.start(order);

    const [input] = started();
    const { handle, ...rest } = JSON.parse(input?.input ?? '');
    expect(input).toMatchObject({ stateMachineArn: machineArn, name: `${handle}-7` });
    expect(rest).toEqual({ direction: 'in', run: 7, attempt: 0, round: 0, waitSeconds: 60 });
    expect(input?.name).toMatch(/^[\w-]{1,80}$/);
    expect(JSON.stringify(input)).not.toContain('GB.1');
    expect(await handles.find(handle)).toEqual(place);
  });

  it.each([
    ['customer', { customerId: 'GB.2' }],
    ['direction', { direction: 'out' }],
    ['number', { numberId: '2' }],
    ['run', { run: 8 }],
  ] as const)('has a name of its own for every %s, the same each time', async (_name, over) => {
    sfn.on(StartExecutionCommand).resolves({});
    const { runs } = arrange();

    await runs.start(order);
    await runs.start(order);
    await runs.start({ ...order, ...over });

    const [first, again, other] = started().map(({ name }) => name);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('has a name that fits after billions of runs', async () => {
    sfn.on(StartExecutionCommand).resolves({});

    await arrange().runs.start({ ...order, run: 9_999_999_999 });

    expect(started()[0]?.name).toMatch(/^[\w-]{1,80}$/);
  });

  it.each([
    [0.2, 1],
    [-5, 0],
  ])('waits whole seconds (%d s)', async (delaySeconds, waitSeconds) => {
    sfn.on(StartExecutionCommand).resolves({});

    await arrange().runs.start({ ...order, delaySeconds });

    expect(JSON.parse(started()[0]?.input ?? '')).toMatchObject({ waitSeconds });
  });

  it('that was started before is left alone', async () => {
    sfn
      .on(StartExecutionCommand)
      .rejects(new ExecutionAlreadyExists({ message: 'Execution Already Exists', $metadata: {} }));

    await expect(arrange().runs.start(order)).resolves.toBeUndefined();
  });

  it('that cannot be started is an error of the store', async () => {
    sfn.on(StartExecutionCommand).rejects(Object.assign(new Error('slow'), { name: 'ThrottlingException' }));

    await expect(arrange().runs.start(order)).rejects.toMatchObject({
      kind: 'store-unavailable',
      message: 'redelivery start failed: ThrottlingException',
    });
  });

  it('is not started while nobody would be found behind its handle', async () => {
    const { runs } = arrange(async () => {
      throw new BridgeError('store-unavailable', 'handle remember failed');
    });

    await expect(runs.start(order)).rejects.toMatchObject({ kind: 'store-unavailable' });
    expect(started()).toEqual([]);
  });
});
