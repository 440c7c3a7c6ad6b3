import { toNumberConfigs, toPhraseConfig, toTimingConfig } from '../../../lib/config/function-settings.ts';
import { parseTenantFile, resolveStage } from '../../../lib/config/tenant-file.ts';

const text = JSON.stringify({
  tenant: 'acme',
  genesys: { region: 'euw2.pure.cloud' },
  numbers: [
    { channel: 'meta', phoneNumberId: '1', integrationId: '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10' },
    {
      channel: 'meta',
      phoneNumberId: '2',
      integrationId: '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b11',
      suspended: true,
    },
  ],
  stages: { prod: {} },
});
const config = resolveStage(parseTenantFile(text, 'acme.json'), 'prod');

describe('what functions are told', () => {
  it('names the secret of each number and whether it is suspended', () => {
    const numbers = toNumberConfigs(config, config.numbers);

    expect(numbers.map(({ secretId, suspended }) => [secretId, suspended])).toEqual([
      ['acme-prod-number-1', false],
      ['acme-prod-number-2', true],
    ]);
  });

  it('gives the language, and the phrases of the tenant', () => {
    expect(toPhraseConfig(config)).toEqual({ language: 'en', overrides: {} });
    expect(toPhraseConfig({ ...config, language: 'de', phrases: { reply: '[Re]' } })).toEqual({
      language: 'de',
      overrides: { reply: '[Re]' },
    });
  });

  it('gives times in milliseconds and memories in days', () => {
    expect(toTimingConfig(config)).toEqual({
      postTimeoutMs: 10_000,
      mediaDeadlineMs: 45_000,
      leaseMs: 30_000,
      backoffBaseMs: 2_000,
      backoffCapMs: 900_000,
      holdMs: 60_000,
      ledgerDays: 35,
      profileDays: 400,
    });
  });
});
