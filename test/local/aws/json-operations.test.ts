// Through the server: Secrets Manager by its SDK client, Parameter Store by signed requests of our own.

import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { startTestAws, type TestAws } from './aws-harness.ts';

let aws: TestAws;
let secrets: SecretsManagerClient;

beforeAll(async () => {
  aws = await startTestAws();
  secrets = new SecretsManagerClient({ ...aws.asFunction('door'), maxAttempts: 1 });
});

afterAll(async () => {
  secrets.destroy();
  await aws.stop();
});

async function callParameters(
  operation: string,
  body: unknown,
): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(aws.url, {
    method: 'POST',
    headers: {
      authorization: 'AWS4-HMAC-SHA256 Credential=door/20261120/eu-west-1/ssm/aws4_request',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonSSM.${operation}`,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, answer: await response.json() };
}

describe('a secret', () => {
  test('is found by name, by ARN and by ARN without its ending, with the value put last', async () => {
    const { ARN } = await secrets.send(new CreateSecretCommand({ Name: 'number-1', SecretString: 'old' }));
    await secrets.send(new PutSecretValueCommand({ SecretId: 'number-1', SecretString: 'new' }));

    const ids = ['number-1', ARN, ARN?.slice(0, -7)];
    const values = await Promise.all(
      ids.map((SecretId) => secrets.send(new GetSecretValueCommand({ SecretId }))),
    );

    expect(ARN).toMatch(/^arn:aws:secretsmanager:eu-west-1:000000000000:secret:number-1-[0-9a-f]{6}$/);
    expect(values.map(({ SecretString }) => SecretString)).toEqual(['new', 'new', 'new']);
    expect(values[0]).toMatchObject({ ARN, Name: 'number-1', VersionStages: ['AWSCURRENT'] });
  });

  test('may be binary', async () => {
    const SecretBinary = new Uint8Array([0, 255, 10]);
    await secrets.send(new CreateSecretCommand({ Name: 'binary', SecretBinary }));

    const stored = await secrets.send(new GetSecretValueCommand({ SecretId: 'binary' }));

    expect(Buffer.from(stored.SecretBinary ?? [])).toEqual(Buffer.from(SecretBinary));
  });

  test('is described without its value', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'described', SecretString: 'value' }));

    const description = await secrets.send(new DescribeSecretCommand({ SecretId: 'described' }));

    expect(description).toMatchObject({ Name: 'described' });
    expect(description.CreatedDate).toBeInstanceOf(Date);
    expect(JSON.stringify(description)).not.toContain('"value"');
  });

  test('without a value, and an unknown one, is not found', async () => {
    await secrets.send(new CreateSecretCommand({ Name: 'empty' }));

    for (const SecretId of ['empty', 'unknown']) {
      const asked = secrets.send(new GetSecretValueCommand({ SecretId }));
      await expect(asked).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    }
  });

  test('is created once', async () => {
    const command = new CreateSecretCommand({ Name: 'twice', SecretString: 'a' });
    await secrets.send(command);

    await expect(secrets.send(command)).rejects.toMatchObject({ name: 'ResourceExistsException' });
  });

  test('knows no other operations, and says so', async () => {
    await expect(secrets.send(new ListSecretsCommand({}))).rejects.toThrow(
      'no local secretsmanager ListSecrets',
    );
  });
});

describe('a parameter', () => {
  test('is put, overwritten only when asked to, and found by name and ARN', async () => {
    const Name = '/example/local/switches';
    const ARN = `arn:aws:ssm:eu-west-1:000000000000:parameter${Name}`;
    await callParameters('PutParameter', { Name, Value: 'a' });

    const again = await callParameters('PutParameter', { Name, Value: 'b' });
    const overwritten = await callParameters('PutParameter', {
      Name,
      Value: 'b',
      Overwrite: true,
      Type: 'SecureString',
    });

    const Parameter = { Name, ARN, Value: 'b', Version: 2, Type: 'SecureString' };
    expect(again).toMatchObject({ status: 400, answer: { __type: 'ParameterAlreadyExists' } });
    expect(overwritten).toMatchObject({ status: 200, answer: { Version: 2 } });
    for (const name of [Name, ARN]) {
      const found = await callParameters('GetParameter', { Name: name });
      expect(found).toMatchObject({ status: 200, answer: { Parameter } });
    }
  });

  test('that is unknown is an error alone and listed as invalid among others', async () => {
    await callParameters('PutParameter', { Name: 'plain', Value: 'v' });

    const alone = await callParameters('GetParameter', { Name: 'unknown' });
    const several = await callParameters('GetParameters', { Names: ['plain', 'unknown'] });

    expect(alone).toMatchObject({ status: 400, answer: { __type: 'ParameterNotFound' } });
    expect(several.answer).toMatchObject({ Parameters: [{ Name: 'plain' }], InvalidParameters: ['unknown'] });
  });

  test.each([
    ['a body that is not JSON', 'GetParameter', '{', 'SerializationException'],
    ['a body that is no object', 'GetParameter', '1', 'SerializationException'],
    ['no name', 'GetParameter', {}, 'ValidationException'],
    ['names that are no list', 'GetParameters', { Names: 'a' }, 'ValidationException'],
    ['an operation of Object', 'toString', {}, 'UnknownOperationException'],
  ])('is refused to %s', async (_what, operation, body, __type) => {
    expect(await callParameters(operation, body)).toMatchObject({ status: 400, answer: { __type } });
  });
});
