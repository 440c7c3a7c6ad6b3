import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillSecrets } from '../../local/secret-values.ts';
import { loadSecrets } from '../../local/secrets-file.ts';
import { makeTempDir } from './an-assembly.ts';

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('loadSecrets', () => {
  it('makes a complete random secret per number, readable by its owner only', () => {
    const dir = join(makeTempDir(), 'run');

    const secrets = loadSecrets(dir, ['1001', '1002']);

    const names = [
      'metaAppSecret',
      'metaVerifyToken',
      'metaAccessToken',
      'genesysClientId',
      'genesysClientSecret',
      'genesysWebhookSecret',
      'pseudonymKey',
    ];
    expect(Object.keys(secrets['1001'] ?? {})).toEqual(names);
    const values = Object.values(secrets).flatMap((one) => Object.values(one));
    expect(new Set(values).size).toBe(2 * names.length);
    expect(modeOf(dir)).toBe('700');
    expect(modeOf(join(dir, 'secrets.json'))).toBe('600');
  });

  it('keeps the secrets of the last start, adds what is missing and closes a file left open', () => {
    const dir = makeTempDir();
    const first = loadSecrets(dir, ['1001']);
    chmodSync(join(dir, 'secrets.json'), 0o644);

    const second = loadSecrets(dir, ['1001', '1002']);

    expect(second['1001']).toEqual(first['1001']);
    expect(second['1002']).toBeDefined();
    expect(JSON.parse(readFileSync(join(dir, 'secrets.json'), 'utf8'))).toEqual(second);
    expect(modeOf(join(dir, 'secrets.json'))).toBe('600');
  });

  it('says how to get over a damaged file', () => {
    const dir = makeTempDir();
    writeFileSync(join(dir, 'secrets.json'), '{');

    expect(() => loadSecrets(dir, ['1001'])).toThrow(/secrets\.json.*delete it/);
  });
});

describe('fillSecrets', () => {
  const numbers = [{ channel: 'meta', phoneNumberId: '1001', integrationId: 'i' }];
  const known = loadSecrets(makeTempDir(), ['1001']);

  it('gives the number its own secret and others the value of the template or a random one', () => {
    const secrets = [{ name: 'a-local-number-1001' }, { name: 'fixed', value: 'v' }, { name: 'random' }];

    const filled = fillSecrets({ secrets, numbers }, known);

    expect(JSON.parse(filled[0]?.value ?? '')).toEqual(known['1001']);
    expect(filled[1]).toEqual({ name: 'fixed', value: 'v' });
    expect(filled[2]?.value).toMatch(/^[0-9a-f]{48}$/);
  });

  it('refuses a template without a secret for a number', () => {
    expect(() => fillSecrets({ secrets: [{ name: 'a-number-91001' }], numbers }, known)).toThrow(
      /number 1001/,
    );
  });
});
