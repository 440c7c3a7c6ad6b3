import { Env, requireEnv } from '../../../lambdas/runtime/env.ts';
import {
  readLocalProviders,
  readPhraseConfig,
  readRequestsPerMinute,
  readSettings,
  readTiming,
} from '../../../lambdas/runtime/settings.ts';

const numbers = [
  {
    channel: 'meta',
    phoneNumberId: '1',
    integrationId: 'i',
    secretId: 'acme-prod-number-1',
    suspended: false,
  },
];
const timing = { postTimeoutMs: 12_000, leaseMs: 30_000 };
const env = {
  TENANT: 'acme',
  STAGE: 'prod',
  NUMBERS: JSON.stringify(numbers),
  TIMING: JSON.stringify(timing),
  AWS_LAMBDA_FUNCTION_NAME: 'acme-prod-meta-door',
};

describe('the settings of a function', () => {
  it('are read from its environment', () => {
    expect(readSettings(env)).toEqual({
      tenant: 'acme',
      stage: 'prod',
      functionName: 'acme-prod-meta-door',
      numbers,
    });
    expect(readTiming(env)).toEqual(timing);
  });

  it('do without the name that Lambda gives', () => {
    expect(readSettings({ ...env, AWS_LAMBDA_FUNCTION_NAME: undefined }).functionName).toBe('function');
  });

  it.each([
    ['TENANT', undefined],
    ['TENANT', ''],
    ['STAGE', undefined],
    ['NUMBERS', undefined],
    ['NUMBERS', ''],
    ['NUMBERS', '[{'],
  ])('refuse to start and name %s when it is %j', (name, value) => {
    expect(() => readSettings({ ...env, [name]: value })).toThrow(new RegExp(`\\b${name}\\b`));
  });

  it.each([[undefined], [''], ['{']])('refuse to start and name TIMING when it is %j', (value) => {
    expect(() => readTiming({ ...env, TIMING: value })).toThrow(/\bTIMING\b/);
  });
});

it('the phrases of the tenant are read from the environment', () => {
  expect(readPhraseConfig({ PHRASES: '{"language":"de","overrides":{}}' })).toEqual({
    language: 'de',
    overrides: {},
  });
  expect(() => readPhraseConfig({})).toThrow('PHRASES');
});

describe('the stand-ins of a local run', () => {
  const urls = { LOCAL_GENESYS_URL: 'http://127.0.0.1:1/genesys', LOCAL_META_URL: 'http://127.0.0.1:1/meta' };

  it('are used on stage local', () => {
    expect(readLocalProviders({ STAGE: 'local', ...urls })).toEqual({
      genesysUrl: urls.LOCAL_GENESYS_URL,
      metaUrl: urls.LOCAL_META_URL,
    });
  });

  it.each(['prod', 'Local', 'local2', '', undefined])('are never used on stage %j', (STAGE) => {
    expect(readLocalProviders({ STAGE, ...urls })).toBeUndefined();
  });

  it.each(Object.keys(urls))('must be given there: %s', (name) => {
    expect(() => readLocalProviders({ STAGE: 'local', ...urls, [name]: undefined })).toThrow(name);
  });
});

describe('an environment variable', () => {
  it('is read from the process unless told otherwise', () => {
    process.env.SETTINGS_TEST_VARIABLE = 'value';

    expect(requireEnv('SETTINGS_TEST_VARIABLE')).toBe('value');
    delete process.env.SETTINGS_TEST_VARIABLE;
    expect(() => requireEnv('SETTINGS_TEST_VARIABLE')).toThrow(
      'environment variable SETTINGS_TEST_VARIABLE is not set',
    );
  });

  it('has a name of its own', () => {
    const names = Object.values(Env);

    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Z][A-Z_]*$/);
  });
});

describe('the allowance', () => {
  it('is a number of requests per minute', () => {
    expect(readRequestsPerMinute({ REQUESTS_PER_MINUTE: '300' })).toBe(300);
  });

  it.each(['0', '-1', '2.5', 'many', ''])('of %j stops the function at its start', (value) => {
    expect(() => readRequestsPerMinute({ REQUESTS_PER_MINUTE: value })).toThrow('REQUESTS_PER_MINUTE');
  });
});
