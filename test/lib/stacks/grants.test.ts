import { flatten, listProperties, synthesize } from '../synthesized.ts';

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

function listGrants(functionName: string): Record<string, string[]> {
  const [lambda] = listProperties(bridge, 'AWS::Lambda::Function').filter(
    ({ FunctionName }) => FunctionName === functionName,
  );
  const role = flatten(lambda?.Role).replace(/^<|\.Arn>$/g, '');
  const policies = listProperties(bridge, 'AWS::IAM::Policy').filter(({ Roles }) =>
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
        expect(text).toMatch(/^(arn:aws:ssm:[\w:-]+:parameter\/)?<[^*]+>(\/(raw|claims|media)\/\*)?$/);
      }
    }
  });

  it('let nobody assume a role but Lambda', () => {
    for (const { AssumeRolePolicyDocument, ManagedPolicyArns } of listProperties(bridge, 'AWS::IAM::Role')) {
      expect(AssumeRolePolicyDocument).toMatchObject({
        Statement: [{ Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      });
      expect(ManagedPolicyArns).toBeUndefined();
    }
  });

  it('of the Meta door are these', () => {
    expect(listGrants('acme-prod-meta-door')).toEqual({
      'logs:CreateLogStream': ['WebhookDoorsMetaDoorLog'],
      'logs:PutLogEvents': ['WebhookDoorsMetaDoorLog'],
      'sqs:SendMessage': ['InboundPipelineInboundQueue', 'ReceiptsQueue'],
      's3:PutObject': ['Archive/claims/*', 'Archive/raw/*'],
      'secretsmanager:GetSecretValue': ['SecretsNumber111111', 'SecretsNumber222222'],
    });
  });

  it('of the media door are these', () => {
    expect(listGrants('acme-prod-media-door')).toEqual({
      'logs:CreateLogStream': ['WebhookDoorsMediaDoorLog'],
      'logs:PutLogEvents': ['WebhookDoorsMediaDoorLog'],
      's3:GetObject': ['Archive/media/*'],
      'secretsmanager:GetSecretValue': ['SecretsNumber111111', 'SecretsNumber222222'],
    });
  });

  it('of the inbound worker are these', () => {
    expect(listGrants('acme-prod-inbound-worker')).toEqual({
      'logs:CreateLogStream': ['InboundPipelineWorkerLog'],
      'logs:PutLogEvents': ['InboundPipelineWorkerLog'],
      'sqs:ReceiveMessage': ['InboundPipelineInboundQueue'],
      'sqs:DeleteMessage': ['InboundPipelineInboundQueue'],
      'sqs:ChangeMessageVisibility': ['InboundPipelineInboundQueue'],
      'sqs:GetQueueAttributes': ['InboundPipelineInboundQueue'],
      'dynamodb:GetItem': ['TablesCustomers', 'TablesLedger'],
      'dynamodb:UpdateItem': ['TablesCustomers', 'TablesLedger'],
      's3:GetObject': ['Archive/claims/*', 'Archive/media/*'],
      's3:PutObject': ['Archive/media/*'],
      's3:AbortMultipartUpload': ['Archive/media/*'],
      'secretsmanager:GetSecretValue': ['SecretsNumber111111', 'SecretsNumber222222'],
      'ssm:GetParameter': ['Switches'],
    });
  });
});
