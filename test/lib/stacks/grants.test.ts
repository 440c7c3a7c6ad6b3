import { flatten, listProperties, readPath, synthesize } from '../synthesized.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource?: unknown;
}

const { bridge, state } = synthesize('prod');

function toList<T>(value: T | T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Every statement of every policy document, wherever it stands in a template. */
function findStatements(value: unknown): Statement[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === 'Statement' ? (child as Statement[]) : findStatements(child),
  );
}

function listGrants(functionName: string, template = bridge): Record<string, string[]> {
  const [lambda] = listProperties(template, 'AWS::Lambda::Function').filter(
    ({ FunctionName }) => FunctionName === functionName,
  );
  return listGrantsOfRole(lambda?.Role, template);
}

function listGrantsOfRole(roleArn: unknown, template = bridge): Record<string, string[]> {
  const role = flatten(roleArn).replace(/^<|\.Arn>$/g, '');
  const policies = listProperties(template, 'AWS::IAM::Policy').filter(({ Roles }) =>
    toList(Roles).some((ref) => flatten(ref) === `<${role}>`),
  );
  const grants: Record<string, string[]> = {};
  for (const { Action, Resource } of policies.flatMap(findStatements)) {
    for (const action of toList(Action)) {
      grants[action] = [
        ...(grants[action] ?? []),
        ...toList(Resource).map((arn) => nameResource(flatten(arn))),
      ];
    }
  }
  return grants;
}

/** Logical ids without their hashes, exports by what they export. */
function nameResource(arn: string): string {
  const exported = /ExportsOutput(?:FnGetAtt|Ref)(.*?)[0-9A-F]{8}(?:Arn)?[0-9A-F]{8}>(.*)/.exec(arn);
  if (exported) return `${exported[1]}${exported[2]}`;
  return arn.replace(/^<(.*?)[0-9A-F]{8}\.Arn>/, '$1');
}

/** By reference or by its whole name; of the archive, a folder; of a table, an index. */
const namedResource =
  /^((arn:aws:ssm:[\w:-]+:parameter\/)?<[^*]+>(\/(raw|claims|media|unreadable|replays)\/\*|\/index\/[a-z-]+)?|arn:aws:states:[\w:-]+:stateMachine:[\w-]+)$/;

const redelivery = 'arn:aws:states:eu-west-2:123456789012:stateMachine:acme-prod-redelivery';
const readsSecrets = { 'secretsmanager:GetSecretValue': ['SecretsNumber111111', 'SecretsNumber222222'] };
const claims = {
  'dynamodb:GetItem': ['TablesCustomers', 'TablesLedger'],
  'dynamodb:UpdateItem': ['TablesCustomers', 'TablesLedger'],
};

function writesLog(group: string) {
  return { 'logs:CreateLogStream': [group], 'logs:PutLogEvents': [group] };
}

function readsQueue(...queues: string[]) {
  const actions = ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'];
  return Object.fromEntries(actions.map((action) => [`sqs:${action}`, queues]));
}

describe('the grants', () => {
  const statements = [bridge, state].flatMap((template) => findStatements(template.toJSON()));
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow');

  it('name each action', () => {
    expect(allowed.length).toBeGreaterThan(8);
    for (const { Action } of allowed) {
      for (const action of toList(Action)) expect(action).not.toContain('*');
    }
  });

  it('name each resource; only keys below a prefix are left open', () => {
    for (const { Resource } of allowed) {
      for (const arn of toList(Resource)) {
        const text = flatten(arn);
        expect(text).not.toBe('*');
        expect(text).toMatch(namedResource);
      }
    }
  });

  it('let nobody assume a role but Lambda, and Step Functions of this account', () => {
    const roles = listProperties(bridge, 'AWS::IAM::Role');
    for (const { AssumeRolePolicyDocument, ManagedPolicyArns } of roles) {
      const [statement] = findStatements({ AssumeRolePolicyDocument });
      expect(statement?.Action).toBe('sts:AssumeRole');
      const service = readPath(statement, 'Principal', 'Service');
      expect(['lambda.amazonaws.com', 'states.amazonaws.com']).toContain(service);
      if (service === 'states.amazonaws.com') {
        expect(readPath(statement, 'Condition')).toEqual({
          StringEquals: { 'aws:SourceAccount': '123456789012' },
        });
      }
      expect(ManagedPolicyArns).toBeUndefined();
    }
  });

  it.each([
    ['meta-door', 'WebhookDoorsMetaDoorLog', 'QueuesInboundQueue'],
    ['genesys-door', 'WebhookDoorsGenesysDoorLog', 'QueuesOutboundQueue'],
  ])('of the %s are these', (name, log, queue) => {
    expect(listGrants(`acme-prod-${name}`)).toEqual({
      ...writesLog(log),
      'sqs:SendMessage': [queue, 'QueuesReceiptsQueue'],
      's3:PutObject': ['Archive/claims/*', 'Archive/raw/*'],
      ...readsSecrets,
    });
  });

  it('of the media door are these', () => {
    expect(listGrants('acme-prod-media-door')).toEqual({
      ...writesLog('WebhookDoorsMediaDoorLog'),
      's3:GetObject': ['Archive/media/*'],
      ...readsSecrets,
    });
  });

  it('of the inbound worker are these', () => {
    expect(listGrants('acme-prod-inbound-worker')).toEqual({
      ...writesLog('InboundPipelineWorkerLog'),
      ...readsQueue('QueuesInboundQueue'),
      ...claims,
      'dynamodb:PutItem': ['TablesCustomers'],
      'dynamodb:DeleteItem': ['TablesCustomers'],
      // What has lost its order is placed among what is parked.
      'dynamodb:Query': ['TablesCustomers'],
      's3:GetObject': ['Archive/claims/*', 'Archive/media/*'],
      's3:PutObject': ['Archive/claims/*', 'Archive/media/*'],
      's3:AbortMultipartUpload': ['Archive/media/*'],
      'states:StartExecution': [redelivery],
      'ssm:GetParameter': ['Switches'],
      ...readsSecrets,
    });
  });

  const parks = {
    'dynamodb:PutItem': ['TablesCustomers'],
    'dynamodb:DeleteItem': ['TablesCustomers'],
    'states:StartExecution': [redelivery],
  };
  const sends = { 'dynamodb:PutItem': ['TablesCustomers', 'TablesLedger'] };
  const movesMedia = {
    's3:GetObject': ['Archive/claims/*', 'Archive/media/*'],
    's3:PutObject': ['Archive/claims/*', 'Archive/media/*'],
    's3:AbortMultipartUpload': ['Archive/media/*'],
    'ssm:GetParameter': ['Switches'],
  };

  it('of the outbound worker are these', () => {
    expect(listGrants('acme-prod-outbound-worker')).toEqual({
      ...writesLog('OutboundPipelineWorkerLog'),
      ...readsQueue('QueuesOutboundQueue'),
      ...claims,
      ...parks,
      'dynamodb:Query': ['TablesCustomers'],
      ...sends,
      ...movesMedia,
      ...readsSecrets,
    });
  });

  it('of redelivery are those of both workers, without their queues', () => {
    expect(listGrants('acme-prod-redelivery')).toEqual({
      ...writesLog('RedeliveryDrainLog'),
      ...claims,
      ...parks,
      ...sends,
      'dynamodb:Query': ['TablesCustomers'],
      ...movesMedia,
      ...readsSecrets,
    });
  });

  it('of replays are these', () => {
    expect(listGrants('acme-prod-replay')).toEqual({
      ...writesLog('ReplayFunctionLog'),
      ...claims,
      ...parks,
      'dynamodb:BatchGetItem': ['TablesLedger'],
      'dynamodb:Query': [
        'TablesCustomers',
        ...['attention', 'genesys', 'timeline'].map((index) => `TablesLedger/index/${index}`),
      ],
      's3:ListBucket': ['Archive'],
      's3:GetObject': ['Archive/claims/*', 'Archive/replays/*', 'Archive/media/*', 'Archive/raw/*'],
      's3:PutObject': ['Archive/claims/*', 'Archive/replays/*'],
      'sqs:SendMessage': ['QueuesInboundQueue', 'QueuesOutboundQueue'],
      ...readsSecrets,
    });
  });

  it('of the sweep are these', () => {
    expect(listGrants('acme-prod-sweep')).toEqual({
      ...writesLog('RedeliverySweepLog'),
      'dynamodb:GetItem': ['TablesCustomers'],
      'dynamodb:UpdateItem': ['TablesCustomers'],
      'dynamodb:PutItem': ['TablesCustomers'],
      'dynamodb:Query': ['TablesCustomers/index/in-fences', 'TablesCustomers/index/out-fences'],
      'states:StartExecution': [redelivery],
      ...readsSecrets,
    });
  });

  it('of the reader of dead letters are these', () => {
    expect(listGrants('acme-prod-dead-letters')).toEqual({
      ...writesLog('RedeliveryDeadLettersLog'),
      ...readsQueue('QueuesInboundDead', 'QueuesOutboundDead'),
      ...claims,
      ...parks,
      'dynamodb:Query': ['TablesCustomers'],
      's3:GetObject': ['Archive/claims/*'],
      's3:PutObject': ['Archive/claims/*', 'Archive/unreadable/*'],
      'ssm:GetParameter': ['Switches'],
      ...readsSecrets,
    });
  });

  it('of the end of conversations are these', () => {
    expect(listGrants('acme-events-conversation-end', synthesize('events').bridge)).toEqual({
      ...writesLog('ConversationEndsHandlerLog'),
      ...claims,
      'sqs:SendMessage': ['QueuesOutboundQueue'],
      ...readsSecrets,
    });
  });

  it('of the state machine are to call one function', () => {
    const [machine] = listProperties(bridge, 'AWS::StepFunctions::StateMachine').filter(
      ({ StateMachineName }) => StateMachineName === 'acme-prod-redelivery',
    );
    expect(listGrantsOfRole(machine?.RoleArn)).toEqual({
      'lambda:InvokeFunction': ['RedeliveryDrainFunction'],
    });
  });

  it('of the receipts worker are these', () => {
    expect(listGrants('acme-prod-receipts-worker')).toEqual({
      ...writesLog('ReceiptsPipelineWorkerLog'),
      ...readsQueue('QueuesReceiptsQueue'),
      ...claims,
      'dynamodb:Query': ['TablesLedger/index/genesys'],
      's3:GetObject': ['Archive/claims/*'],
      ...readsSecrets,
    });
  });
});
