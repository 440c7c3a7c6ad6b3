import { editTemplate } from './template-edit.ts';

const definition = (waits: number) => ({
  'Fn::Join': [
    '',
    [
      `{"States":{"Wait":{"Seconds":${waits}},"Drain":{"Resource":"`,
      { 'Fn::GetAtt': ['Drain', 'Arn'] },
      '"}}}',
    ],
  ],
});

const resources = () => ({
  QueuesInboundQueueC164A494: {
    Properties: { VisibilityTimeout: 7, RedrivePolicy: { maxReceiveCount: 20 } },
  },
  Machine1DD0F8F7: { Properties: { DefinitionString: definition(5) } },
  WorkerB499E565: {
    Properties: { Environment: { Variables: { REDELIVERY: '{"scheduleMs":[1000,2000]}' } } },
  },
});

describe('an edit of a template', () => {
  it('changes one property of the resource with that name and tells what it was', () => {
    const edited = resources();

    const made = editTemplate(edited, {
      resource: 'QueuesInboundQueue',
      path: ['RedrivePolicy', 'maxReceiveCount'],
      to: 2,
    });

    expect(made).toEqual({
      where: 'QueuesInboundQueue.RedrivePolicy.maxReceiveCount',
      before: '20',
      after: '2',
    });
    const expected = resources();
    expected.QueuesInboundQueueC164A494.Properties.RedrivePolicy.maxReceiveCount = 2;
    expect(edited).toEqual(expected);
  });

  it('takes a property away, or the whole resource', () => {
    const edited: Record<string, unknown> = resources();

    editTemplate(edited, { resource: 'QueuesInboundQueue', path: ['RedrivePolicy'], to: undefined });
    editTemplate(edited, { resource: 'Machine', path: [], to: undefined });

    expect(edited.QueuesInboundQueueC164A494).toEqual({ Properties: { VisibilityTimeout: 7 } });
    expect(edited.Machine1DD0F8F7).toBeUndefined();
  });

  it('goes into the definition of a state machine and leaves its intrinsics where they were', () => {
    const edited = resources();

    editTemplate(edited, {
      resource: 'Machine',
      path: ['DefinitionString', 'States', 'Wait', 'Seconds'],
      to: 9,
    });

    expect(edited.Machine1DD0F8F7.Properties.DefinitionString).toEqual(definition(9));
  });

  it('goes into variables that hold JSON', () => {
    const edited = resources();

    editTemplate(edited, {
      resource: 'Worker',
      path: ['Environment', 'Variables', 'REDELIVERY', 'scheduleMs'],
      to: (before: unknown) => [before, 'and more'],
    });

    expect(edited.WorkerB499E565.Properties.Environment.Variables.REDELIVERY).toBe(
      '{"scheduleMs":[[1000,2000],"and more"]}',
    );
  });

  it('that finds no such resource says so, and one that changes nothing is refused', () => {
    expect(editTemplate(resources(), { resource: 'Queue', path: ['A'], to: 1 })).toBeUndefined();
    expect(() =>
      editTemplate(resources(), { resource: 'QueuesInboundQueue', path: ['VisibilityTimeout'], to: 7 }),
    ).toThrow('QueuesInboundQueue.VisibilityTimeout is 7 already');
    expect(() =>
      editTemplate(resources(), { resource: 'QueuesInboundQueue', path: ['Gone', 'deeper'], to: 7 }),
    ).toThrow('there is nothing at Gone');
  });
});
