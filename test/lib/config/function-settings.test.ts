import {
  toConversationConfig,
  toNumberConfigs,
  toOutboundConfig,
  toPhraseConfig,
  toRedeliveryConfig,
  toTimingConfig,
} from '../../../lib/config/function-settings.ts';
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

  it.each([
    ['all of its time where the worker lives long', 45, 120, 45],
    ['what is left beside the POST', 45, 20, 7],
    ['a second at least', 45, 10, 1],
  ])('gives a file %s', (_name, mediaDeadlineSeconds, workerTimeoutSeconds, seconds) => {
    const timing = { ...config.timing, mediaDeadlineSeconds, workerTimeoutSeconds };

    expect(toTimingConfig({ ...config, timing }).mediaDeadlineMs).toBe(seconds * 1000);
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

  it('gives schedule and horizon of redelivery in milliseconds', () => {
    expect(toRedeliveryConfig(config)).toEqual({
      scheduleMs: [60_000, 300_000, 900_000, 3_600_000],
      horizonMs: 86_400_000,
    });
  });

  it('gives the way back with its templates, and waits for a status in milliseconds', () => {
    const reengagement = { name: 'welcome_back', language: 'en_GB' };
    const outbound = { ...config.outbound, reengagement, templates: { a1: reengagement } };

    expect(toOutboundConfig({ ...config, outbound })).toEqual({
      graphVersion: 'v25.0',
      typing: true,
      statusWaitMs: 900_000,
      reengagement,
      templates: { a1: reengagement },
    });
  });

  it('waits for a status no longer than a message is worth delivering', () => {
    const redelivery = { ...config.redelivery, horizonSeconds: 300 };

    expect(toOutboundConfig({ ...config, redelivery }).statusWaitMs).toBe(300_000);
  });

  it('gives the end of conversations, idle ones only when the tenant says when', () => {
    expect(toConversationConfig(config)).toEqual({ stopWords: [] });
    const conversations = { closingText: 'Bye', stopWords: ['STOP'], idleHours: 72 };
    expect(toConversationConfig({ ...config, conversations })).toEqual({
      closingText: 'Bye',
      stopWords: ['STOP'],
      idleMs: 72 * 3_600_000,
    });
  });
});
