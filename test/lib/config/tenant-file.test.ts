import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { phraseNames } from '../../../lib/config/phrase-names.ts';
import { loadTenant, parseTenantFile, resolveStage } from '../../../lib/config/tenant-file.ts';
import { TenantFileError } from '../../../lib/config/tenant-file-error.ts';

const aNumber = {
  channel: 'meta',
  phoneNumberId: '106540352242922',
  integrationId: '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10',
};

function aTenant(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    tenant: 'acme',
    genesys: { region: 'euw2.pure.cloud' },
    numbers: [aNumber],
    stages: { prod: {} },
    ...changes,
  };
}

function aNumberWithIndex(index: number): Record<string, unknown> {
  const digits = String(index).padStart(12, '0');
  return {
    ...aNumber,
    phoneNumberId: `106540${digits}`,
    integrationId: `6b1f3c52-0a4e-4d6f-9c1b-${digits}`,
  };
}

function resolve(content: Record<string, unknown> | string, stage = 'prod', file = 'tenants/acme.json') {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return resolveStage(parseTenantFile(text, file), stage);
}

function catchError(action: () => unknown): TenantFileError {
  try {
    action();
  } catch (error) {
    if (error instanceof TenantFileError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a stage of a tenant file', () => {
  it('has every default when the file gives the least', () => {
    const config = resolve(aTenant());

    expect(config).toEqual({
      tenant: 'acme',
      stage: 'prod',
      genesys: { region: 'euw2.pure.cloud' },
      numbers: [aNumber],
      redelivery: { holdSeconds: 60, scheduleSeconds: [60, 300, 900, 3600], horizonSeconds: 86_400 },
      timing: {
        postTimeoutSeconds: 10,
        mediaDeadlineSeconds: 45,
        leaseSeconds: 30,
        workerTimeoutSeconds: 120,
        visibilitySeconds: 150,
        backoffBaseSeconds: 2,
        backoffCapSeconds: 900,
      },
      retention: { rawDays: 90, mediaDays: 90, ledgerDays: 35, profileDays: 400, logDays: 30 },
      limits: { requestsPerSecond: 200, burst: 400, workerConcurrency: 10 },
      pacing: { requestsPerMinute: 300 },
      aws: {},
      outbound: { graphVersion: 'v25.0', typing: true, statusWaitSeconds: 900, templates: {} },
      conversations: { stopWords: [] },
      language: 'en',
      phrases: {},
    });
  });

  it('of the local run is not paced before the stand-in says so, unless the file does', () => {
    expect(resolve(aTenant(), 'local').pacing).toEqual({ requestsPerMinute: 60_000 });
    const paced = aTenant({ pacing: { requestsPerMinute: 600 } });
    expect(resolve(paced, 'local').pacing).toEqual({ requestsPerMinute: 600 });
  });

  it.each([[0], [100_001], [2.5], ['300']])('refuses an allowance of %j per minute', (requestsPerMinute) => {
    const error = catchError(() => resolve(aTenant({ pacing: { requestsPerMinute } })));

    expect(error.message).toContain('pacing.requestsPerMinute: must be a whole number from 1 to 100000');
  });

  it('merges objects over the file and replaces lists', () => {
    const content = aTenant({
      redelivery: { holdSeconds: 30, scheduleSeconds: [10, 20, 30] },
      stages: { prod: { redelivery: { scheduleSeconds: [5] }, numbers: [{ ...aNumber, suspended: true }] } },
    });

    const config = resolve(content);

    expect(config.redelivery).toEqual({ holdSeconds: 30, scheduleSeconds: [5], horizonSeconds: 86_400 });
    expect(config.numbers).toEqual([{ ...aNumber, suspended: true }]);
  });

  it('leaves the other stages as they are', () => {
    const content = aTenant({ stages: { dev: { timing: { leaseSeconds: 20 } }, prod: {} } });

    const [dev, prod] = [resolve(content, 'dev'), resolve(content, 'prod')];

    expect([dev.timing.leaseSeconds, prod.timing.leaseSeconds]).toEqual([20, 30]);
  });

  it('may be local without being declared', () => {
    const config = resolve(aTenant({ stages: {} }), 'local');

    expect(config.stage).toBe('local');
  });

  it('may give by itself what the file leaves out', () => {
    const content = {
      tenant: 'acme',
      stages: { prod: { genesys: { region: 'mypurecloud.de' }, numbers: [aNumber] } },
    };

    const config = resolve(content);

    expect(config.genesys.region).toBe('mypurecloud.de');
  });
});

interface Refusal {
  what: string;
  content: Record<string, unknown> | string;
  stage?: string;
  file?: string;
  field: string;
  says: string[];
}

const refusals: Refusal[] = [
  {
    what: 'text that is not JSON, with line and column',
    content: '{ "tenant": "acme",\n  "numbers": [1, 2,],\n  "stages": {} }',
    field: '',
    says: ['line 2, column 20', 'correct'],
  },
  {
    what: 'a word where a value is due',
    content: '{ "tenant": acme }',
    field: '',
    says: ['line 1, column 13'],
  },
  { what: 'text that ends early', content: '{ "tenant": "acme",\n', field: '', says: ['line 2, column 1'] },
  { what: 'an empty file', content: '', field: '', says: ['line 1, column 1'] },
  { what: 'a file that is a list', content: '[]', field: '', says: ['must be an object'] },
  {
    what: 'an unknown key at the top',
    content: aTenant({ genesis: {} }),
    field: 'genesis',
    says: ["'genesys'"],
  },
  {
    what: 'an unknown key in a section',
    content: aTenant({ timing: { leaseSecond: 3 } }),
    field: 'timing.leaseSecond',
    says: ["Did you mean 'leaseSeconds'?"],
  },
  {
    what: 'an unknown key in a number',
    content: aTenant({ numbers: [{ ...aNumber, integration: 'x' }] }),
    field: 'numbers[0].integration',
    says: ["Did you mean 'integrationId'?"],
  },
  {
    what: 'an unknown key in a stage',
    content: aTenant({ stages: { prod: { retention: { rawDay: 3 } } } }),
    field: 'stages.prod.retention.rawDay',
    says: ["Did you mean 'rawDays'?"],
  },
  {
    what: 'an unknown key that is like none, with the known ones',
    content: aTenant({ zzzzzzzzzzzz: 1 }),
    field: 'zzzzzzzzzzzz',
    says: ['Known keys: tenant, genesys'],
  },
  {
    what: 'a key that every object inherits',
    content: aTenant({ toString: {} }),
    field: 'toString',
    says: ['unknown key'],
  },
  {
    what: 'another tenant for a stage',
    content: aTenant({ stages: { prod: { tenant: 'b' } } }),
    field: 'stages.prod.tenant',
    says: ['unknown key'],
  },
  {
    what: 'a mistyped Genesys region, with the allowed ones',
    content: aTenant({ genesys: { region: 'euw2.purecloud' } }),
    field: 'genesys.region',
    says: ["Did you mean 'euw2.pure.cloud'?", 'mypurecloud.com,', 'apne3.pure.cloud'],
  },
  {
    what: 'a Genesys region that is no text',
    content: aTenant({ genesys: { region: 2 } }),
    field: 'genesys.region',
    says: ['2 is not allowed'],
  },
  {
    what: 'no Genesys region',
    content: aTenant({ genesys: {} }),
    field: 'genesys.region',
    says: ['is missing', 'prod'],
  },
  { what: 'no numbers', content: aTenant({ numbers: undefined }), field: 'numbers', says: ['is missing'] },
  {
    what: 'an empty list of numbers',
    content: aTenant({ numbers: [] }),
    field: 'numbers',
    says: ['is empty'],
  },
  {
    what: 'numbers that are no list',
    content: aTenant({ numbers: aNumber }),
    field: 'numbers',
    says: ['must be a list'],
  },
  {
    what: 'a number without integration',
    content: aTenant({ numbers: [{ ...aNumber, integrationId: undefined }] }),
    field: 'numbers[0].integrationId',
    says: ['is missing', 'add "integrationId"'],
  },
  {
    what: 'an integration that is no UUID',
    content: aTenant({ numbers: [{ ...aNumber, integrationId: '6b1f' }] }),
    field: 'numbers[0].integrationId',
    says: ['a UUID', '"6b1f"'],
  },
  {
    what: 'a phone number id that is a JSON number',
    content: aTenant({ numbers: [{ ...aNumber, phoneNumberId: 106540352242922 }] }),
    field: 'numbers[0].phoneNumberId',
    says: ['digits in quotes'],
  },
  {
    what: 'a channel that does not exist',
    content: aTenant({ numbers: [{ ...aNumber, channel: 'metta' }] }),
    field: 'numbers[0].channel',
    says: ["Did you mean 'meta'?"],
  },
  {
    what: 'suspended in words',
    content: aTenant({ numbers: [{ ...aNumber, suspended: 'no' }] }),
    field: 'numbers[0].suspended',
    says: ['must be true or false'],
  },
  {
    what: 'one phone number id twice',
    content: aTenant({
      numbers: [aNumber, { ...aNumberWithIndex(1), phoneNumberId: aNumber.phoneNumberId }],
    }),
    field: 'numbers[1].phoneNumberId',
    says: ['already used by numbers[0]'],
  },
  {
    what: 'one integration twice, whatever the case of its letters',
    content: aTenant({
      numbers: [aNumber, { ...aNumberWithIndex(1), integrationId: aNumber.integrationId.toUpperCase() }],
    }),
    field: 'numbers[1].integrationId',
    says: ['already used by numbers[0]'],
  },
  {
    what: 'one phone number id twice in a stage',
    content: aTenant({ stages: { prod: { numbers: [aNumber, aNumber] } } }),
    field: 'stages.prod.numbers[1].phoneNumberId',
    says: ['already used by stages.prod.numbers[0]'],
  },
  {
    what: 'more numbers than the environment of a function holds',
    content: aTenant({ numbers: Array.from({ length: 20 }, (_, index) => aNumberWithIndex(index)) }),
    field: 'numbers',
    says: ['3561 bytes', '2596 are allowed', '20 numbers', 'tenant of their own'],
  },
  {
    what: 'a tenant that differs from its file name',
    content: aTenant(),
    file: 'tenants/acne.json',
    field: 'tenant',
    says: ["is 'acme'", 'rename the file to acme.json'],
  },
  { what: 'no tenant', content: aTenant({ tenant: undefined }), field: 'tenant', says: ['is missing'] },
  {
    what: 'a tenant with capitals',
    content: aTenant({ tenant: 'Acme' }),
    field: 'tenant',
    says: ['a tenant name'],
  },
  { what: 'a tenant of one letter', content: aTenant({ tenant: 'a' }), field: 'tenant', says: ['2 to 21'] },
  { what: 'no stages', content: aTenant({ stages: undefined }), field: 'stages', says: ['is missing'] },
  {
    what: 'stages as a list',
    content: aTenant({ stages: ['prod'] }),
    field: 'stages',
    says: ['must be an object'],
  },
  {
    what: 'a stage that is no object',
    content: aTenant({ stages: { prod: true } }),
    field: 'stages.prod',
    says: ['must be an object'],
  },
  {
    what: 'a stage name with a hyphen',
    content: aTenant({ stages: { 'pre-prod': {} } }),
    field: 'stages.pre-prod',
    says: ['a stage name'],
  },
  {
    what: 'a stage that is not declared',
    content: aTenant({ stages: { dev: {}, prod: {} } }),
    stage: 'prd',
    field: 'stages',
    says: ["'prd' is not declared", 'dev, prod', 'Add "prd": {}'],
  },
  {
    what: 'a stage when none is declared',
    content: aTenant({ stages: {} }),
    stage: 'toString',
    field: 'stages',
    says: ['declared: none'],
  },
  {
    what: 'a lease that ends with the POST',
    content: aTenant({ timing: { leaseSeconds: 10 } }),
    field: 'timing.leaseSeconds',
    says: ['is 10', 'greater than timing.postTimeoutSeconds (10)'],
  },
  {
    what: 'a visibility below the lease',
    content: aTenant({ timing: { leaseSeconds: 151 } }),
    field: 'timing.visibilitySeconds',
    says: ['at least timing.leaseSeconds (151)'],
  },
  {
    what: 'a visibility below the timeout of the worker, in the stage that has it',
    content: aTenant({ stages: { prod: { timing: { visibilitySeconds: 100 } } } }),
    field: 'timing.visibilitySeconds',
    says: ['for stage prod', 'at least timing.workerTimeoutSeconds (120)'],
  },
  {
    what: 'a cap below the first back-off',
    content: aTenant({ timing: { backoffBaseSeconds: 10, backoffCapSeconds: 9 } }),
    field: 'timing.backoffCapSeconds',
    says: ['at least timing.backoffBaseSeconds (10)'],
  },
  {
    what: 'a ledger that forgets too soon',
    content: aTenant({ retention: { ledgerDays: 34 } }),
    field: 'retention.ledgerDays',
    says: ['from 35'],
  },
  {
    what: 'a log retention that CloudWatch does not know',
    content: aTenant({ retention: { logDays: 31 } }),
    field: 'retention.logDays',
    says: ['31 is not allowed', '1, 3, 5, 7, 14, 30'],
  },
  {
    what: 'seconds that are no whole number',
    content: aTenant({ timing: { leaseSeconds: 1.5 } }),
    field: 'timing.leaseSeconds',
    says: ['must be a whole number', 'not 1.5'],
  },
  {
    what: 'seconds in quotes',
    content: aTenant({ redelivery: { holdSeconds: '60' } }),
    field: 'redelivery.holdSeconds',
    says: ['not "60"'],
  },
  {
    what: 'a negative step of the schedule',
    content: aTenant({ redelivery: { scheduleSeconds: [60, -1] } }),
    field: 'redelivery.scheduleSeconds[1]',
    says: ['must be a whole number'],
  },
  {
    what: 'a list in place of a number',
    content: aTenant({ limits: { burst: [1] } }),
    field: 'limits.burst',
    says: ['not a list'],
  },
  {
    what: 'an object in place of a number',
    content: aTenant({ limits: { burst: {} } }),
    field: 'limits.burst',
    says: ['not an object'],
  },
  {
    what: 'a long text in place of a number, shortened',
    content: aTenant({ limits: { burst: 'x'.repeat(500) } }),
    field: 'limits.burst',
    says: ['x…'],
  },
  {
    what: 'an AWS account of too few digits',
    content: aTenant({ aws: { account: '123' } }),
    field: 'aws.account',
    says: ['12 digits'],
  },
  {
    what: 'an AWS region that cannot be one',
    content: aTenant({ aws: { region: 'Ireland' } }),
    field: 'aws.region',
    says: ['such as eu-west-1'],
  },
  {
    what: 'a language without phrases',
    content: aTenant({ language: 'xx' }),
    field: 'language',
    says: ['"xx" is not allowed', 'en, es, de, fr, pt, it'],
  },
  {
    what: 'a phrase that nothing says',
    content: aTenant({ phrases: { locaton: '[Place]' } }),
    field: 'phrases.locaton',
    says: ["Did you mean 'location'?"],
  },
  {
    what: 'a phrase of two lines',
    content: aTenant({ phrases: { location: 'a\nb' } }),
    field: 'phrases.location',
    says: ['one line'],
  },
  {
    what: 'more phrases than the environment of a function holds',
    content: aTenant({
      stages: {
        prod: {
          phrases: Object.fromEntries(phraseNames.slice(0, 12).map((name) => [name, 'x'.repeat(200)])),
        },
      },
    }),
    field: 'phrases',
    says: ['with the other settings', '2596 are allowed', 'shorten it'],
  },
  {
    what: 'holding messages for as long as they are worth delivering',
    content: aTenant({ redelivery: { holdSeconds: 600, horizonSeconds: 600 } }),
    field: 'redelivery.holdSeconds',
    says: ['is 600', 'less than redelivery.horizonSeconds (600)', 'stage prod'],
  },
  {
    what: 'a schedule that becomes more eager',
    content: aTenant({ redelivery: { scheduleSeconds: [60, 300, 299] } }),
    field: 'redelivery.scheduleSeconds[2]',
    says: ['is 299 after 300'],
  },
  {
    what: 'an unknown key of the way back',
    content: aTenant({ outbound: { typings: true } }),
    field: 'outbound.typings',
    says: ['unknown key', "Did you mean 'typing'?"],
  },
  {
    what: 'a version that Graph never had',
    content: aTenant({ outbound: { graphVersion: '25' } }),
    field: 'outbound.graphVersion',
    says: ['such as v25.0'],
  },
  {
    what: 'a template without its language',
    content: aTenant({ outbound: { templates: { welcome: { name: 'welcome_back' } } } }),
    field: 'outbound.templates.welcome.language',
    says: ['is missing'],
  },
  {
    what: 'templates in a list',
    content: aTenant({ outbound: { templates: [] } }),
    field: 'outbound.templates',
    says: ['must be an object'],
  },
  {
    what: 'a template id that Genesys cannot have given',
    content: aTenant({ outbound: { templates: { 'a b': { name: 'x', language: 'en' } } } }),
    field: 'outbound.templates.a b',
    says: ['the id of a template at Genesys'],
  },
  {
    what: 'stop words that are one word',
    content: aTenant({ conversations: { stopWords: 'STOP' } }),
    field: 'conversations.stopWords',
    says: ['must be a list'],
  },
  {
    what: 'an empty stop word',
    content: aTenant({ conversations: { stopWords: ['STOP', ''] } }),
    field: 'conversations.stopWords[1]',
    says: ['one line of 1 to 50 characters'],
  },
  {
    what: 'an event source that is not of Genesys',
    content: aTenant({ genesys: { region: 'euw2.pure.cloud', eventSource: 'aws.partner/acme.com/x' } }),
    field: 'genesys.eventSource',
    says: ['aws.partner/genesys.com/'],
  },
];

describe('a tenant file is refused for', () => {
  it.each(refusals)('$what', ({ content, stage, file = 'tenants/acme.json', field, says }) => {
    const error = catchError(() => resolve(content, stage, file));

    expect(error.file).toBe(file);
    expect(error.field).toBe(field);
    expect(error.message.startsWith(field === '' ? `${file}: ` : `${file}: ${field}: `)).toBe(true);
    for (const words of says) expect(error.message).toContain(words);
    expect(error.message).not.toContain('\n');
  });
});

describe('loading a tenant', () => {
  const root = mkdtempSync(join(tmpdir(), 'tenants-'));

  beforeAll(() => {
    mkdirSync(join(root, 'tenants'));
    writeFileSync(join(root, 'tenants/acme.json'), JSON.stringify(aTenant()));
    writeFileSync(join(root, 'other.json'), JSON.stringify(aTenant({ tenant: 'globex' })));
  });

  afterAll(() => rmSync(root, { recursive: true }));

  it('finds it by name', () => {
    const config = loadTenant({ tenant: 'acme', stage: 'prod' }, root);

    expect(config.tenant).toBe('acme');
  });

  it('finds it by path, and lets that file have any name', () => {
    const config = loadTenant({ tenantFile: 'other.json', stage: 'prod' }, root);

    expect(config.tenant).toBe('globex');
  });

  it('names the tenants there are when a name is mistyped', () => {
    const error = catchError(() => loadTenant({ tenant: 'acmee', stage: 'prod' }, root));

    expect(error.message).toBe(
      "tenants/acmee.json: there is no such file; tenants found there: acme. Did you mean 'acme'?",
    );
  });

  it('says so when not even the folder exists', () => {
    const error = catchError(() => loadTenant({ tenantFile: 'nowhere/acme.json', stage: 'prod' }, root));

    expect(error.message).toBe('nowhere/acme.json: there is no such file; tenants found there: none.');
  });

  it('refuses a path and a name that disagree', () => {
    const error = catchError(() =>
      loadTenant({ tenant: 'acme', tenantFile: 'other.json', stage: 'prod' }, root),
    );

    expect(error.message).toContain("is 'globex', but tenant 'acme' was asked for");
  });

  it('shows the whole path of a file outside the project', () => {
    const error = catchError(() => loadTenant({ tenantFile: '../gone.json', stage: 'prod' }, root));

    expect(error.file).toBe(join(root, '../gone.json'));
  });
});
