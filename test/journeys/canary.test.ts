// Nothing personal and no credential may be found in what operators read: logs, metrics, names of objects and calls,
// and everything of a queue message but its encrypted body.
import { readFileSync } from 'node:fs';
import { aMessage, aWebhook, LocalRun, until } from './local-run.ts';

interface LogRow {
  function: string;
  line: unknown;
}

let run: LocalRun;
let phoneNumberId: string;
beforeAll(async () => {
  run = await LocalRun.start();
  phoneNumberId = run.endpoints.phoneNumberId;
}, 60_000);
afterAll(() => run?.stop());
jest.setTimeout(120_000);

const canary = {
  text: 'canarytext tröst 🐤',
  name: 'Canaryname Löve',
  username: '@canaryusername',
  phone: '447700955501',
  hiddenPhone: '447700955502',
  userId: 'GB.Canarybsuid955503',
  parentUserId: 'GB.ENT.Canaryparent955504',
  filename: 'canaryfilename.pdf',
  caption: 'canarycaption',
  contact: 'Canarycontact',
  place: 'Canarystreet 5',
  order: 'canaryorder',
  agent: 'canaryagent/1.0',
  providerWords: 'canarywordsoftheprovider',
};
const contact = {
  wa_id: canary.phone,
  user_id: canary.userId,
  parent_user_id: canary.parentUserId,
  profile: { name: canary.name, username: canary.username },
};
const sender = {
  from: canary.phone,
  from_user_id: canary.userId,
  from_parent_user_id: canary.parentUserId,
};
const media = { id: '955505', mime_type: 'application/pdf', sha256: 'AA==', caption: canary.caption };

/** A message of every kind that carries personal data. */
const everyKind = [
  { type: 'text', text: { body: canary.text } },
  { type: 'document', document: { ...media, filename: canary.filename } },
  { type: 'image', image: { ...media, mime_type: 'image/jpeg' } },
  { type: 'location', location: { latitude: 1, longitude: 2, name: canary.place, address: canary.place } },
  { type: 'order', order: { catalog_id: '1', text: canary.order, product_items: [] } },
  { type: 'button', button: { text: canary.text, payload: canary.text } },
  { type: 'reaction', reaction: { message_id: 'wamid.none', emoji: '🐤' } },
  { type: 'unsupported', errors: [{ code: 131051, title: canary.providerWords, message: canary.text }] },
  { type: 'text', text: { body: canary.text }, context: { from: canary.hiddenPhone, id: 'wamid.none' } },
  { type: 'system', system: { body: canary.text, wa_id: canary.hiddenPhone, type: 'user_changed_number' } },
];
const contactCard = {
  type: 'contacts',
  contacts: [
    { name: { formatted_name: canary.contact }, phones: [{ phone: canary.hiddenPhone, type: 'CELL' }] },
  ],
};

const write = (kinds: readonly Record<string, unknown>[], over: Record<string, unknown> = {}) =>
  run.post(
    aWebhook(
      phoneNumberId,
      kinds.map((kind) => ({ ...aMessage(canary.phone, ''), ...sender, text: undefined, ...kind, ...over })),
      { contacts: [contact] },
    ),
    { headers: { 'user-agent': canary.agent, 'x-canary': canary.caption } },
  );
const faultGenesys = (path: string, action: unknown, times = 1) =>
  run.tell('PUT', `${run.endpoints.genesys}/_faults`, [{ match: { method: 'POST', path }, times, action }]);
const faultAws = (...faults: unknown[]) => run.tell('PUT', `${run.endpoints.control}/_faults`, faults);
const readLogs = () => run.get<LogRow[]>(`${run.endpoints.control}/_logs?since=0`);
const untilLogged = (word: string, count = 1) =>
  until(
    async () => (await readLogs()).filter((row) => JSON.stringify(row).includes(word)).length,
    (found) => found >= count,
  );

/** What must be found nowhere: the customer's own, the provider's words, and every credential in use. */
function listForbidden(): string[] {
  const secrets: Record<string, Record<string, string>> = JSON.parse(
    readFileSync(`${run.dir}/secrets.json`, 'utf8'),
  );
  return [...Object.values(canary), ...Object.values(secrets).flatMap((secret) => Object.values(secret))];
}

/** Finds a word as it is, or as JSON, base64 or a URL would write it. */
function findLeaks(text: string, forbidden: readonly string[]): string[] {
  return forbidden.filter((word) =>
    [
      word,
      JSON.stringify(word).slice(1, -1),
      encodeURIComponent(word),
      Buffer.from(word).toString('base64').replace(/=+$/, ''),
    ].some((form) => text.includes(form)),
  );
}

async function readAttributesOfWaiting(): Promise<Record<string, unknown>[]> {
  const response = await fetch(run.endpoints.aws, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.ReceiveMessage',
      authorization:
        'AWS4-HMAC-SHA256 Credential=runner.test/20261120/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify({
      QueueUrl: `${run.endpoints.aws}/000000000000/journeys-local-inbound.fifo`,
      MessageSystemAttributeNames: ['All'],
      AttributeNames: ['All'],
      MessageAttributeNames: ['All'],
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 1,
    }),
  });
  const { Messages = [] } = (await response.json()) as { Messages?: Record<string, unknown>[] };
  return Messages.map(({ Body: _body, ...rest }) => rest);
}

async function goThroughTrouble(): Promise<void> {
  const onMessages = '/inbound/open/message$';
  const complaint = { status: 400, code: 'bad.request', message: `${canary.providerWords} ${canary.text}` };
  const [text = {}] = everyKind;

  // What Genesys answers, at the message and at the login; its words quote what it was sent.
  await faultGenesys(onMessages, { status: 400, body: complaint }, 2);
  await write([text]);
  await untilLogged('message.refused', 2);
  for (const action of [
    { status: 500, body: complaint },
    { status: 401, body: complaint },
    'reset',
    'hang',
  ]) {
    const logged = (await readLogs()).filter((row) => JSON.stringify(row).includes('message.delivered'));
    await faultGenesys(onMessages, action, 2);
    await write([text]);
    await untilLogged('message.delivered', logged.length + 1);
  }
  await run.tell('POST', `${run.endpoints.control}/_kill`, { function: 'journeys-local-inbound-worker' });
  await faultGenesys('/oauth/token$', { status: 400, body: { error: 'invalid_client', ...complaint } });
  await write([text]);
  await untilLogged('credential-rejected');

  // AWS refuses, in every place where something personal is at hand.
  await faultAws(
    ...['PutObject', 'SendMessageBatch', 'UpdateItem', 'ChangeMessageVisibilityBatch'].map((operation) => ({
      service: { PutObject: 's3', UpdateItem: 'dynamodb' }[operation] ?? 'sqs',
      operation,
      times: 3,
      action: { error: 'ValidationException' },
    })),
  );
  expect((await write([text])).status).toBe(503);
  expect((await write([text])).status).toBe(503);
  expect((await write([text])).status).toBe(503);
  expect((await write([text])).status).toBe(200);
  await untilLogged('record.failed');
  await run.calm();
  await run.tell('POST', `${run.endpoints.control}/_kill`, { function: 'journeys-local-meta-door' });
  await faultAws({ service: 'secretsmanager', times: 8, action: { error: 'DecryptionFailure' } });
  expect((await write([text])).status).toBe(503);
  await run.calm();

  // Strangers, odd bodies and a wrong token.
  await run.post(
    {},
    { raw: `{"text":"${canary.text}"`, headers: { 'x-hub-signature-256': `sha256=${canary.name}` } },
  );
  await run.post({}, { raw: `{"text":"${canary.text}"` });
  await run.post(aWebhook('955506', [{ ...aMessage(canary.phone, canary.text), ...sender }]));
  await run.post(
    aWebhook(phoneNumberId, [canary.text, { id: 'wamid.nobody', type: 'text', text: canary.text }]),
  );
  const token = { 'hub.mode': 'subscribe', 'hub.challenge': canary.text, 'hub.verify_token': canary.text };
  await fetch(`${run.endpoints.bridge}/webhook/meta?${new URLSearchParams(token)}`);
  const right = { ...token, 'hub.verify_token': run.endpoints.secrets.metaVerifyToken };
  await fetch(`${run.endpoints.bridge}/webhook/meta?${new URLSearchParams(right)}`);
  await untilLogged('unknown-number');
}

async function readAll(): Promise<Record<string, string>> {
  const { control } = run.endpoints;
  return {
    logs: JSON.stringify(await readLogs()),
    metrics: JSON.stringify(await run.get(`${control}/_metrics`)),
    objects: JSON.stringify(await run.get(`${control}/_objects?prefix=`)),
    calls: JSON.stringify(await run.get(`${control}/_calls?since=0`)),
  };
}

describe('the canary', () => {
  it('is in no log, metric or name after everything went well and everything went wrong', async () => {
    expect((await write(everyKind)).status).toBe(200);
    const ofAnother = { from: canary.hiddenPhone, from_user_id: undefined, from_parent_user_id: undefined };
    expect((await write([contactCard], ofAnother)).status).toBe(200);
    await untilLogged('message.delivered', everyKind.length);

    const issued = await run.get<{ response: { access_token?: string } }[]>(
      `${run.endpoints.genesys}/_requests`,
    );
    const tokens = issued.flatMap(({ response }) => response?.access_token ?? []);
    expect(tokens.length).toBeGreaterThan(0);

    await goThroughTrouble();

    const forbidden = [...listForbidden(), ...tokens];
    for (const [place, text] of Object.entries(await readAll())) {
      expect({ place, leaks: findLeaks(text, forbidden) }).toEqual({ place, leaks: [] });
    }
  });

  it('leaves lines that can all be traced by a correlation id', async () => {
    const lines = (await readLogs()).map(({ line }) => line as Record<string, unknown>);

    const ofTheTenant =
      /^(invocation\.counted|circuit\.|gate\.store-failed|token\.not-shared|switches\.unreadable)/;
    // A run of redelivery is about many messages; its handle names the execution, and each message has its own line.
    const untraced = lines.filter(
      ({ event, message, correlationId, handle }) =>
        !ofTheTenant.test(String(event ?? message)) &&
        typeof correlationId !== 'string' &&
        typeof handle !== 'string',
    );

    expect(untraced).toEqual([]);
  });

  it('is in no attribute of a queue message', async () => {
    await run.calm();
    await faultGenesys('/inbound/open/message$', 'hang', 100);
    const crowd = Array.from({ length: 120 }, (_, index) => ({
      ...aMessage(`${canary.phone}${String(index).padStart(2, '0')}`, canary.text),
    }));
    await run.post(aWebhook(phoneNumberId, crowd));

    const attributes = await until(readAttributesOfWaiting, (messages) => messages.length > 0);
    await run.calm();

    expect(JSON.stringify(attributes)).toContain('MessageGroupId');
    expect(findLeaks(JSON.stringify(attributes), listForbidden())).toEqual([]);
  });

  it('is found by this search wherever it is', () => {
    const forms = [canary.text, JSON.stringify(canary.name), encodeURIComponent(canary.text), 'YQ=='];

    expect(forms.map((form) => findLeaks(form, [canary.text, canary.name, 'a']))).toEqual([
      [canary.text, 'a'],
      [canary.name, 'a'],
      [canary.text, 'a'],
      ['a'],
    ]);
  });
});
