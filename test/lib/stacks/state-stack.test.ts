import { Match, type Template } from 'aws-cdk-lib/assertions';
import { listProperties, synthesize } from '../synthesized.ts';

const prod = synthesize('prod');
const local = synthesize('local');

describe('the tables', () => {
  it.each(['acme-prod-ledger', 'acme-prod-customers'])('%s expires by ttl and can be restored', (name) => {
    prod.state.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      Replicas: [
        {
          Region: 'eu-west-2',
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          DeletionProtectionEnabled: true,
        },
      ],
    });
  });

  const keysOnly = { ProjectionType: 'KEYS_ONLY' };

  it('key the ledger by message alone, with keys-only indexes for attention, timeline and the id of Genesys', () => {
    prod.state.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TableName: 'acme-prod-ledger',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'attention',
          KeySchema: [
            { AttributeName: 'attention', KeyType: 'HASH' },
            { AttributeName: 'attentionAt', KeyType: 'RANGE' },
          ],
          Projection: keysOnly,
        },
        {
          IndexName: 'timeline',
          KeySchema: [
            { AttributeName: 'customer', KeyType: 'HASH' },
            { AttributeName: 'sequence', KeyType: 'RANGE' },
          ],
          Projection: keysOnly,
        },
        {
          IndexName: 'genesys',
          KeySchema: [{ AttributeName: 'genesysId', KeyType: 'HASH' }],
          Projection: keysOnly,
        },
      ],
    });
  });

  it('find closed fences of either direction by the time of the next attempt', () => {
    prod.state.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TableName: 'acme-prod-customers',
      AttributeDefinitions: Match.arrayWith([{ AttributeName: 'inNextAt', AttributeType: 'N' }]),
      GlobalSecondaryIndexes: ['in', 'out'].map((direction) => ({
        IndexName: `${direction}-fences`,
        KeySchema: [
          { AttributeName: `${direction}Fence`, KeyType: 'HASH' },
          { AttributeName: `${direction}NextAt`, KeyType: 'RANGE' },
        ],
        Projection: keysOnly,
      })),
    });
  });

  it('keep several items per customer', () => {
    prod.state.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      TableName: 'acme-prod-customers',
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    });
  });
});

describe('the archive', () => {
  it('is private, encrypted and unversioned', () => {
    prod.state.hasResourceProperties('AWS::S3::Bucket', {
      BucketName: 'acme-prod-archive-123456789012-eu-west-2',
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      VersioningConfiguration: Match.absent(),
    });
  });

  it('refuses calls without TLS', () => {
    prod.state.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({
            Action: 's3:*',
            Effect: 'Deny',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        ],
      },
    });
  });

  it('expires raw webhooks, claim checks and media by the days of the tenant file', () => {
    prod.state.hasResourceProperties('AWS::S3::Bucket', {
      LifecycleConfiguration: {
        Rules: [
          Match.objectLike({ Prefix: 'raw/', ExpirationInDays: 60, Status: 'Enabled' }),
          Match.objectLike({ Prefix: 'claims/', ExpirationInDays: 60, Status: 'Enabled' }),
          Match.objectLike({ Prefix: 'unreadable/', ExpirationInDays: 60, Status: 'Enabled' }),
          Match.objectLike({ Prefix: 'media/', ExpirationInDays: 30, Status: 'Enabled' }),
          Match.objectLike({ Prefix: 'replays/', ExpirationInDays: 60, Status: 'Enabled' }),
          Match.objectLike({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' }),
        ],
      },
    });
  });
});

describe('the secrets', () => {
  it('are one per number, empty but valid, each with its own pseudonym key', () => {
    const secrets = listProperties(prod.state, 'AWS::SecretsManager::Secret');

    expect(secrets.map(({ Name }) => Name)).toEqual(['acme-prod-number-111111', 'acme-prod-number-222222']);
    for (const { GenerateSecretString, SecretString } of secrets) {
      expect(SecretString).toBeUndefined();
      expect(GenerateSecretString).toEqual({
        SecretStringTemplate: JSON.stringify({
          metaAppSecret: '',
          metaVerifyToken: '',
          metaAccessToken: '',
          genesysClientId: '',
          genesysClientSecret: '',
          genesysWebhookSecret: '',
        }),
        GenerateStringKey: 'pseudonymKey',
        PasswordLength: 64,
        ExcludePunctuation: true,
      });
    }
  });
});

describe('what outlives code', () => {
  const stateful = ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret'];

  it('is kept when its stack or its place in it goes', () => {
    for (const type of stateful) {
      for (const resource of Object.values(prod.state.findResources(type))) {
        expect(resource).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
      }
    }
    expect(prod.stateStack.terminationProtection).toBe(true);
  });

  it('may go with the local stage', () => {
    for (const type of stateful) {
      for (const resource of Object.values(local.state.findResources(type))) {
        expect(resource).toMatchObject({ DeletionPolicy: 'Delete' });
      }
    }
    expect(local.stateStack.terminationProtection).toBe(false);
  });
});

describe('the local stage', () => {
  function listShape(template: Template): Record<string, string> {
    const { Resources } = template.toJSON() as { Resources: Record<string, { Type: string }> };
    // The permission of a rule carries the name of its stack.
    const nameOf = (id: string) => id.replace(/AllowEventRule.*/, 'AllowEventRule');
    return Object.fromEntries(Object.entries(Resources).map(([id, { Type }]) => [nameOf(id), Type]));
  }

  it('has the very same resources as any other', () => {
    expect(listShape(local.state)).toEqual(listShape(prod.state));
    expect(listShape(local.bridge)).toEqual(listShape(prod.bridge));
  });
});

describe('the runtime switches', () => {
  it('begin empty, and are kept when the stack goes', () => {
    prod.state.hasResource('AWS::SSM::Parameter', {
      Properties: { Name: 'acme-prod-switches', Type: 'String', Value: '{}' },
      DeletionPolicy: 'Retain',
    });
    local.state.hasResource('AWS::SSM::Parameter', { DeletionPolicy: 'Delete' });
  });
});
