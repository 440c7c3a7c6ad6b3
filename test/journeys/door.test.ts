import { aMessage, aPhone, aWebhook, LocalRun, until } from './local-run.ts';

let run: LocalRun;
let phoneNumberId: string;
beforeAll(async () => {
  run = await LocalRun.start();
  phoneNumberId = run.endpoints.phoneNumberId;
}, 60_000);
afterAll(() => run?.stop());
beforeEach(() => run.calm());
jest.setTimeout(60_000);

const storedObjects = () => run.get<unknown[]>(`${run.endpoints.control}/_objects?prefix=`);

describe('a subscription request', () => {
  const ask = (query: Record<string, string>) =>
    fetch(`${run.endpoints.bridge}/webhook/meta?${new URLSearchParams(query)}`);
  const right = () => ({
    'hub.mode': 'subscribe',
    'hub.verify_token': run.endpoints.secrets.metaVerifyToken,
    'hub.challenge': '1158201444',
  });

  it('with our token is answered with its challenge', async () => {
    const response = await ask(right());

    expect([response.status, await response.text()]).toEqual([200, '1158201444']);
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it.each([
    ['another token', { 'hub.verify_token': 'wrong' }],
    ['no token', { 'hub.verify_token': '' }],
    ['another mode', { 'hub.mode': 'unsubscribe' }],
  ])('with %s is refused', async (_name, over) => {
    const response = await ask({ ...right(), ...over });

    expect([response.status, await response.text()]).toEqual([403, '']);
  });
});

describe('a webhook that nobody at Meta signed', () => {
  const body = () => JSON.stringify(aWebhook(phoneNumberId, [aMessage('441', 'caf\u00e9 \ud83c\udf89 a@b')]));
  const signed = (raw: string) => run.sign(Buffer.from(raw));

  it.each<[string, (raw: string) => Record<string, string>]>([
    ['missing', () => ({})],
    ['empty', () => ({ 'x-hub-signature-256': '' })],
    ['too short', (raw) => ({ 'x-hub-signature-256': signed(raw).slice(0, -1) })],
    ['too long', (raw) => ({ 'x-hub-signature-256': `${signed(raw)}0` })],
    ['in upper case', (raw) => ({ 'x-hub-signature-256': `sha256=${signed(raw).slice(7).toUpperCase()}` })],
    ['followed by junk', (raw) => ({ 'x-hub-signature-256': `${signed(raw)} junk` })],
    ['named sha1', (raw) => ({ 'x-hub-signature-256': `sha1=${signed(raw).slice(7)}` })],
    ['sent twice', (raw) => ({ 'x-hub-signature-256': `${signed(raw)}, ${signed(raw)}` })],
    ['in the old header', (raw) => ({ 'x-hub-signature': signed(raw) })],
    ['by another secret', (raw) => ({ 'x-hub-signature-256': run.sign(Buffer.from(raw), 'another secret') })],
    [
      'over the JSON written again',
      (raw) => ({ 'x-hub-signature-256': signed(JSON.stringify(JSON.parse(raw), null, 1)) }),
    ],
  ])('signature %s: 401, empty, nothing stored', async (_name, headers) => {
    const before = (await storedObjects()).length;
    const raw = body();

    const response = await fetch(`${run.endpoints.bridge}/webhook/meta`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers(raw) },
      body: raw,
    });

    expect([response.status, await response.text()]).toEqual([401, '']);
    expect((await storedObjects()).length).toBe(before);
  });

  it('is refused for its size and its type before its signature is looked at', async () => {
    const tooLarge = await run.post('', {
      raw: Buffer.alloc(6 * 1024 * 1024 + 1, 32),
      headers: { 'x-hub-signature-256': 'x' },
    });
    const form = await run.post('', {
      raw: 'a=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-hub-signature-256': 'x' },
    });

    expect([tooLarge.status, form.status]).toEqual([413, 415]);
  });
});

describe('a signed webhook', () => {
  it.each([
    ['no JSON', 'not json'],
    ['nothing', ''],
    ['an empty object', '{}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a string', '"x"'],
    ['an entry that is null', '{"object":"whatsapp_business_account","entry":[null]}'],
    ['a change without value', '{"entry":[{"changes":[{"field":"messages"}]}]}'],
    ['an unknown object', '{"object":"page","entry":[{"changes":[{"field":"feed","value":{}}]}]}'],
    [
      'an unknown field',
      '{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"new_things","value":{"a":1}}]}]}',
    ],
  ])('with %s is archived, counted and acknowledged', async (_name, raw) => {
    const before = await run.metrics();
    const objects = (await storedObjects()).length;

    const response = await run.post('', { raw });

    expect(response.status).toBe(200);
    expect((await storedObjects()).length).toBe(objects + 1);
    const after = await run.metrics();
    const counted = (m: Record<string, number>) => (m.MalformedParts ?? 0) + (m.OtherChangesArchived ?? 0);
    expect(counted(after)).toBe(counted(before) + 1);
  });

  it('with statuses is archived, queued for their worker, counted and acknowledged', async () => {
    const before = (await run.metrics()).StatusesArchived ?? 0;
    const statuses = [{ id: 'wamid.x', status: 'delivered', timestamp: '1', recipient_id: '44' }];

    const calls = (await run.calls('meta-door')).length;

    expect((await run.post(aWebhook(phoneNumberId, [], { statuses }))).status).toBe(200);

    expect((await run.metrics()).StatusesArchived).toBe(before + 1);
    const made = (await run.calls('meta-door'))
      .slice(calls)
      .filter(({ service }) => service !== 'secretsmanager');
    expect(made.map(({ operation, resource }) => `${operation} ${resource}`).sort()).toEqual([
      expect.stringMatching(/^PutObject /),
      expect.stringMatching(/^SendMessageBatch .*receipts\.fifo$/),
    ]);
  });

  it('with poison among good messages delivers the good ones, in order', async () => {
    const from = aPhone();
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const messages = [
      aMessage(from, 'one'),
      null,
      'x',
      42,
      [],
      { from, id: 'wamid.nothing-else' },
      { ...aMessage(from, ''), text: null },
      { ...aMessage(from, ''), type: { toString: 1 } },
      { ...aMessage(from, ''), id: ['not', 'an', 'id'] },
      'DEEP',
      aMessage(from, 'two'),
    ];
    const raw = JSON.stringify(aWebhook(phoneNumberId, messages)).replace(
      '"DEEP"',
      `{"from":"${from}","id":"wamid.${from}.deep","type":"text","text":${deep}}`,
    );

    expect((await run.post('', { raw })).status).toBe(200);

    const texts = await run.untilDelivered(7);
    expect([texts[0], texts.at(-1)]).toEqual(['one', 'two']);
    expect(texts.slice(1, -1).every((text) => text.startsWith('['))).toBe(true);
  });

  it('does nothing special for a __proto__ key', async () => {
    const from = aPhone();
    const raw = JSON.stringify(aWebhook(phoneNumberId, [aMessage(from, 'still fine')])).replace(
      '"from"',
      '"__proto__":{"type":"image","from":"evil"},"from"',
    );

    await run.post('', { raw });

    expect(await run.untilDelivered(1)).toEqual(['still fine']);
  });

  it('for a number we do not know is acknowledged, and its message quarantined and counted', async () => {
    const message = aMessage(aPhone(), 'to nobody');
    const before = (await run.metrics())['Messages.QUARANTINED'] ?? 0;

    expect((await run.post(aWebhook('999', [message]))).status).toBe(200);

    expect(await run.untilStatus(message.id, 'QUARANTINED')).toMatchObject({ reason: 'unknown-number' });
    await until(run.metrics.bind(run), (metrics) => metrics['Messages.QUARANTINED'] === before + 1);
    expect(await run.deskRequests()).toEqual([]);
  });

  it('shows every message of an unknown kind to the agent', async () => {
    const from = aPhone();
    const kinds = ['hologram', 'constructor', '__proto__', 'unsupported', 'unknown', 'sticker', 'audio'];

    await run.post(
      aWebhook(
        phoneNumberId,
        kinds.map((type) => ({ ...aMessage(from, ''), type })),
      ),
    );

    expect(await run.untilDelivered(kinds.length)).toEqual(
      kinds.map(() => expect.stringMatching(/^\[.+\]$/)),
    );
  });

  it('is accepted although the archive fails, and that is counted', async () => {
    const message = aMessage(aPhone(), 'no archive');
    await run.tell('PUT', `${run.endpoints.control}/_faults`, [
      { service: 's3', action: { error: 'AccessDenied' } },
    ]);
    const before = (await run.metrics()).ArchiveFailures ?? 0;

    expect((await run.post(aWebhook(phoneNumberId, [message]))).status).toBe(200);

    await run.untilStatus(message.id, 'DELIVERED');
    expect((await run.metrics()).ArchiveFailures).toBe(before + 1);
  });

  it('is refused with 503 while the queue refuses it, and delivered when Meta repeats it', async () => {
    const message = aMessage(aPhone(), 'queue down');
    const hook = aWebhook(phoneNumberId, [message]);
    await run.tell('PUT', `${run.endpoints.control}/_faults`, [
      { service: 'sqs', operation: 'SendMessageBatch', action: { error: 'AccessDenied' } },
    ]);
    expect((await run.post(hook)).status).toBe(503);
    await run.tell('DELETE', `${run.endpoints.control}/_faults`);

    expect((await run.post(hook)).status).toBe(200);

    await run.untilStatus(message.id, 'DELIVERED');
    expect(await run.untilDelivered(1)).toEqual(['queue down']);
  });

  it('of a customer alone, larger than a queue message, arrives by claim check', async () => {
    const from = aPhone();
    const text = '🎈'.repeat(100_000);

    await run.post(
      aWebhook(phoneNumberId, [aMessage(from, 'before'), aMessage(from, text), aMessage(from, 'after')]),
    );

    expect(await run.untilDelivered(3)).toEqual(['before', text, 'after']);
    const claims = await run.get<unknown[]>(`${run.endpoints.control}/_objects?prefix=claims/`);
    expect(claims).toHaveLength(1);
  });
});

describe('rotating the app secret', () => {
  const secretUrl = () => run.endpoints.aws;
  const call = async (target: string, body: unknown) => {
    const response = await fetch(secretUrl(), {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `secretsmanager.${target}`,
        authorization:
          'AWS4-HMAC-SHA256 Credential=runner.test/20261120/eu-west-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { SecretString: string };
  };

  it('accepts the current and the previous secret, and nothing else', async () => {
    const SecretId = `journeys-local-number-${phoneNumberId}`;
    const secret = JSON.parse((await call('GetSecretValue', { SecretId })).SecretString);
    const rotated = {
      ...secret,
      metaAppSecretPrevious: secret.metaAppSecret,
      metaAppSecret: 'the-new-app-secret',
    };
    await call('PutSecretValue', { SecretId, SecretString: JSON.stringify(rotated) });
    // A sandbox that starts now reads the rotated secret; one that runs finds it at its next refresh.
    await run.tell('POST', `${run.endpoints.control}/_kill`, { function: 'journeys-local-meta-door' });
    const raw = (text: string) => JSON.stringify(aWebhook(phoneNumberId, [aMessage(aPhone(), text)]));
    const send = (text: string, key: string) => {
      const body = raw(text);
      return run.post('', {
        raw: body,
        headers: { 'x-hub-signature-256': run.sign(Buffer.from(body), key) },
      });
    };

    expect((await send('new', 'the-new-app-secret')).status).toBe(200);
    expect((await send('old', secret.metaAppSecret)).status).toBe(200);
    expect((await send('wrong', 'the-next-app-secret')).status).toBe(401);

    await call('PutSecretValue', { SecretId, SecretString: JSON.stringify(secret) });
  });
});

describe('the health door', () => {
  it('says which deployment is up', async () => {
    const response = await fetch(`${run.endpoints.bridge}/health`);

    expect([response.status, await response.json()]).toEqual([
      200,
      { status: 'ok', tenant: 'journeys', stage: 'local' },
    ]);
  });
});
