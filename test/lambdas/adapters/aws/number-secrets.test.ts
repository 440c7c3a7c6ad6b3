import { inspect } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { createNumberSecrets } from '../../../../lambdas/adapters/aws/number-secrets.ts';
import { HandClock } from '../../../fakes/outside-world.ts';

const manager = mockClient(SecretsManagerClient);
let clock: HandClock;
beforeEach(() => {
  manager.reset();
  clock = new HandClock();
});
afterAll(() => manager.restore());

const secretsOf = (...numberIds: string[]) =>
  createNumberSecrets(
    new SecretsManagerClient({}),
    new Map(numberIds.map((numberId) => [numberId, `acme-prod-number-${numberId}`])),
    clock,
  );
const stores = (value: unknown) =>
  manager.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify(value) });
const reads = () => manager.commandCalls(GetSecretValueCommand).length;
const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });

describe('the secret of a number', () => {
  it('is read by its name, and what is not filled in yet is empty', async () => {
    stores({ metaAppSecret: 'a', pseudonymKey: 'p', metaVerifyToken: 7, genesysClientId: null, more: 'x' });

    expect(await secretsOf('1').get('1')).toStrictEqual({
      metaAppSecret: 'a',
      metaAppSecretPrevious: '',
      metaVerifyToken: '',
      metaAccessToken: '',
      genesysClientId: '',
      genesysClientSecret: '',
      genesysWebhookSecret: '',
      genesysWebhookSecretPrevious: '',
      pseudonymKey: 'p',
    });
    expect(manager.commandCalls(GetSecretValueCommand)[0]?.args[0].input).toEqual({
      SecretId: 'acme-prod-number-1',
    });
  });

  it('is read once for all who ask at the same time, and kept for five minutes', async () => {
    stores({});
    const secrets = secretsOf('1');

    await Promise.all([secrets.get('1'), secrets.get('1')]);
    clock.at += 299_999;
    await secrets.get('1');
    expect(reads()).toBe(1);

    clock.at += 1;
    await secrets.get('1');
    expect(reads()).toBe(2);
  });

  it('that could never be read is asked for again at once', async () => {
    manager.on(GetSecretValueCommand).rejectsOnce(denied).resolves({ SecretString: '{}' });
    const secrets = secretsOf('1');

    await expect(secrets.get('1')).rejects.toMatchObject({ kind: 'secret-unavailable' });
    await expect(secrets.get('1')).resolves.toBeDefined();
  });

  it('is used on while a newer one cannot be read, which all are told', async () => {
    stores({ metaAppSecret: 'known' });
    const secrets = secretsOf('1');
    await secrets.get('1');
    manager.on(GetSecretValueCommand).rejects(denied);
    clock.at += 300_000;

    expect((await secrets.get('1')).metaAppSecret).toBe('known');
    expect(await secrets.all()).toMatchObject({ secrets: [{ metaAppSecret: 'known' }], complete: false });
    clock.at += 29_999;
    await secrets.get('1');
    expect(reads()).toBe(2);
    stores({ metaAppSecret: 'new' });
    clock.at += 1;
    expect((await secrets.get('1')).metaAppSecret).toBe('new');
    expect((await secrets.all()).complete).toBe(true);
  });

  it('is unavailable for a number that has none', async () => {
    await expect(secretsOf('1').get('2')).rejects.toMatchObject({
      kind: 'secret-unavailable',
      message: 'no secret is configured for this number',
    });
    expect(reads()).toBe(0);
  });

  it('is unavailable under the code AWS gave', async () => {
    manager.on(GetSecretValueCommand).rejects(denied);

    await expect(secretsOf('1').get('1')).rejects.toMatchObject({
      kind: 'secret-unavailable',
      message: 'secret acme-prod-number-1 cannot be read: AccessDeniedException',
      details: { code: 'AccessDeniedException' },
    });
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['no JSON', 'top-secret'],
    ['half JSON', '{"metaAppSecret":"top-secret"'],
    ['null', 'null'],
    ['a text', '"top-secret"'],
    ['a list', '["top-secret"]'],
  ])('is unavailable when it is %s', async (_name, SecretString) => {
    manager.on(GetSecretValueCommand).resolves({ SecretString });

    await expect(secretsOf('1').get('1')).rejects.toMatchObject({
      kind: 'secret-unavailable',
      message: expect.stringMatching(/^secret acme-prod-number-1 is not/),
    });
  });

  it.each([
    ['that is no JSON', () => manager.on(GetSecretValueCommand).resolves({ SecretString: 'top-secret {' })],
    [
      'in an answer the SDK could not read',
      () => {
        const quoting = new SyntaxError('Unexpected token in "top-secret"');
        manager.on(GetSecretValueCommand).rejects(Object.assign(quoting, { $response: 'top-secret' }));
      },
    ],
  ])('never gets into an error (%s)', async (_name, arrange) => {
    arrange();

    const error: unknown = await secretsOf('1')
      .get('1')
      .catch((reason: unknown) => reason);

    expect(error).toMatchObject({ kind: 'secret-unavailable' });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('top-secret');
  });
});

describe('the secrets of all numbers', () => {
  it('are complete when every one can be read', async () => {
    stores({ metaAppSecret: 'a' });

    const { secrets, complete } = await secretsOf('1', '2').all();

    expect(secrets.map(({ metaAppSecret }) => metaAppSecret)).toEqual(['a', 'a']);
    expect(complete).toBe(true);
  });

  it('are those that can be read, and say that one could not', async () => {
    stores({ metaAppSecret: 'a' });
    manager.on(GetSecretValueCommand, { SecretId: 'acme-prod-number-2' }).rejects(denied);

    const { secrets, complete } = await secretsOf('1', '2').all();

    expect(secrets).toHaveLength(1);
    expect(complete).toBe(false);
  });
});

describe('a refresh', () => {
  it('forgets what is older than 30 s, and nothing younger', async () => {
    stores({ metaAppSecret: 'old' });
    const secrets = secretsOf('1');
    await secrets.get('1');
    stores({ metaAppSecret: 'new' });

    clock.at += 29_999;
    expect(secrets.refreshIfStale()).toBe(false);
    expect((await secrets.get('1')).metaAppSecret).toBe('old');

    clock.at += 1;
    expect(secrets.refreshIfStale()).toBe(true);
    expect((await secrets.get('1')).metaAppSecret).toBe('new');
  });

  it('reads AWS at most once per 30 s, however often it is asked for', async () => {
    stores({});
    const secrets = secretsOf('1');
    await secrets.get('1');
    clock.at += 30_000;

    for (let times = 0; times < 100; times += 1) {
      secrets.refreshIfStale();
      await secrets.get('1');
    }

    expect(reads()).toBe(2);
  });

  it('has nothing to forget before anything was read', () => {
    expect(secretsOf('1').refreshIfStale()).toBe(false);
  });
});

it('an older read that fails does not drop the newer one that took its place', async () => {
  let failFirst: (reason: unknown) => void = () => {};
  manager
    .on(GetSecretValueCommand)
    .callsFakeOnce(
      () =>
        new Promise((_resolve, reject) => {
          failFirst = reject;
        }),
    )
    .resolves({ SecretString: '{}' });
  const secrets = secretsOf('1');
  const first = secrets.get('1');
  clock.at += 300_000;
  const second = secrets.get('1');
  await second;

  failFirst(denied);

  await expect(first).rejects.toMatchObject({ kind: 'secret-unavailable' });
  await secrets.get('1');
  expect(reads()).toBe(2);
});
