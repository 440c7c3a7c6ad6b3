import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { createSsmClient, createSsmSwitches } from '../../../../lambdas/adapters/aws/ssm-switches.ts';
import { HandClock, RecordingTelemetry } from '../../../fakes/outside-world.ts';

const ssm = mockClient(SSMClient);
beforeEach(() => ssm.reset());

function aBoard() {
  const clock = new HandClock();
  const telemetry = new RecordingTelemetry();
  const board = createSsmSwitches(createSsmClient(), 'acme-prod-switches', { clock, telemetry });
  return { board, clock, telemetry };
}
const answer = (Value: string) => ssm.on(GetParameterCommand).resolves({ Parameter: { Value } });
const reads = () => ssm.commandCalls(GetParameterCommand);

describe('the switches in SSM', () => {
  it('are read once a minute, however often and by however many they are asked for', async () => {
    const { board, clock } = aBoard();
    answer('{"suspended":true}');

    const together = await Promise.all([board.read(), board.read()]);
    clock.at += 59_999;
    await board.read();

    expect(together.map(({ suspended }) => suspended)).toEqual([true, true]);
    expect(reads().map(({ args }) => args[0].input)).toEqual([{ Name: 'acme-prod-switches' }]);

    answer('{"suspended":false}');
    clock.at += 1;
    expect((await board.read()).suspended).toBe(false);
    expect(reads()).toHaveLength(2);
  });

  it.each<[string, () => unknown, string]>([
    ['SSM refuses', () => ssm.on(GetParameterCommand).rejects(named('ThrottlingException')), 'Throttling'],
    ['they are scrambled', () => answer('{"suspended":'), 'not JSON'],
    ['they are empty', () => ssm.on(GetParameterCommand).resolves({}), 'not JSON'],
  ])('stand as last known while %s, and an operator is told', async (_name, fail, reason) => {
    const { board, clock, telemetry } = aBoard();
    answer('{"suspended":true}');
    await board.read();
    fail();
    clock.at += 60_000;

    expect((await board.read()).suspended).toBe(true);
    expect((await board.read()).suspended).toBe(true);

    expect(telemetry.counters).toEqual({ SwitchesUnreadable: 1 });
    expect(String(telemetry.problems[0]?.error)).toContain(reason);
  });

  it('leave the tenant file as it is when they could never be read', async () => {
    const { board } = aBoard();
    ssm.on(GetParameterCommand).rejects(named('ParameterNotFound'));

    expect(await board.read()).toEqual({ suspended: false, numbers: new Map(), flags: {} });
  });
});

function named(name: string): Error {
  return Object.assign(new Error('words'), { name });
}
