import { type ChildProcess, spawn } from 'node:child_process';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { AwsClientConfig, LocalAws } from '../../local/aws/local-aws.ts';
import { provision } from '../../local/aws/provision.ts';
import { createExpiry } from '../../local/expiry.ts';
import { createLedgerQuery } from '../../local/ledger-query.ts';
import { createObjectList } from '../../local/object-list.ts';

// The emulators are ES modules only, which Jest cannot load: they run in a process of their own.
let emulators: ChildProcess;
let client: AwsClientConfig;

beforeAll(async () => {
  emulators = spawn(process.execPath, ['local/aws/serve.ts'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve) => {
    emulators.stdout?.setEncoding('utf8').once('data', resolve);
  });
  const { url } = JSON.parse(line);
  client = {
    endpoint: url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'local-run-dummy-secret' },
  };
  const aws = { url, region: 'eu-west-1', clientConfig: () => client } as unknown as LocalAws;
  const aTable = (name: string) => ({
    name,
    attributes: [{ name: 'pk', type: 'S' as const }],
    keys: [{ name: 'pk', type: 'HASH' as const }],
    indexes: [],
  });
  await provision(aws, {
    tables: [aTable('acme-local-ledger'), aTable('acme-local-customers')],
    queues: [],
    buckets: [{ name: 'acme-archive' }, { name: 'acme-media' }],
    secrets: [],
  });
});
afterAll(async () => {
  const ended = new Promise((resolve) => emulators.once('exit', resolve));
  emulators.stdin?.end();
  await ended;
});

describe('the ledger query', () => {
  const records = [
    { pk: 'IN#1001#wamid.A', customer: 'c1', genesysId: 'g1', messageId: 'wamid.A', tags: new Set(['x']) },
    { pk: 'IN#1001#wamid.B#1', customer: 'c2', genesysId: 'g2', messageId: 'wamid.B#1' },
    { pk: 'OUT#1001#g3', customer: 'c1' },
  ];
  const aliases = [
    { pk: 'ALIAS#1001#15550100', customerId: 'c1' },
    { pk: 'ALIAS#1001#US.77', customerId: 'c1' },
    { pk: 'CUST#1001#c1', customerId: 'c2' },
  ];
  let query: ReturnType<typeof createLedgerQuery>;

  beforeAll(async () => {
    const documents = DynamoDBDocumentClient.from(new DynamoDBClient(client));
    const put = (TableName: string, items: Record<string, unknown>[]) =>
      Promise.all(items.map((Item) => documents.send(new PutCommand({ TableName, Item }))));
    await put('acme-local-ledger', records);
    await put('acme-local-customers', aliases);
    documents.destroy();
    query = createLedgerQuery(client, ['acme-local-ledger', 'acme-local-customers', 'acme-local-other']);
  });
  afterAll(() => query.close());

  it.each(['15550100', '+15550100', 'US.77', 'c1'])('finds the records of customer %s', async (customer) => {
    const found = await query.byCustomer(customer);

    expect(found.map(({ pk }) => pk).toSorted()).toEqual(['IN#1001#wamid.A', 'OUT#1001#g3']);
  });

  it.each([
    ['wamid.A', 'IN#1001#wamid.A'],
    ['g1', 'IN#1001#wamid.A'],
    ['wamid.B#1', 'IN#1001#wamid.B#1'],
    ['g3', 'OUT#1001#g3'],
  ])('finds the record of message %s', async (id, pk) => {
    expect(await query.byMessage(id)).toEqual([records.find((record) => record.pk === pk)]);
  });

  it('finds nothing for a part of an id or an unknown one', async () => {
    expect(await query.byMessage('A')).toEqual([]);
    expect(await query.byMessage('1')).toEqual([]);
    expect(await query.byCustomer('1555')).toEqual([]);
  });
});

describe('the object list', () => {
  it('lists the objects of all buckets by prefix, with size and type', async () => {
    const s3 = new S3Client({ ...client, forcePathStyle: true });
    const put = (Bucket: string, Key: string) =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body: 'text', ContentType: 'application/json' }));
    await Promise.all([
      ...Array.from({ length: 20 }, (_, index) =>
        put('acme-archive', `raw/${String(index).padStart(2, '0')}`),
      ),
      put('acme-archive', 'claims/1'),
      put('acme-media', 'raw/photo'),
    ]);
    s3.destroy();
    const objects = createObjectList(client, ['acme-archive', 'acme-media']);

    const raw = await objects.list('raw/');
    const all = await objects.list('');
    objects.close();

    expect(raw).toHaveLength(21);
    expect(raw[0]).toEqual({
      bucket: 'acme-archive',
      key: 'raw/00',
      size: 4,
      contentType: 'application/json',
      lastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    expect(raw.at(-1)).toMatchObject({ bucket: 'acme-media', key: 'raw/photo' });
    expect(all).toHaveLength(22);
  });
});

describe('expiry', () => {
  it('deletes what is past its time by the attribute of its table, and nothing else', async () => {
    const TableName = 'acme-local-things';
    const keys = [
      { name: 'pk', type: 'HASH' as const },
      { name: 'sk', type: 'RANGE' as const },
    ];
    const attributes = keys.map(({ name }) => ({ name, type: 'S' as const }));
    const aws = { region: 'eu-west-1', clientConfig: () => client } as unknown as LocalAws;
    const tables = [{ name: TableName, attributes, keys, indexes: [] }];
    await provision(aws, { tables, queues: [], buckets: [], secrets: [] });
    const documents = DynamoDBDocumentClient.from(new DynamoDBClient(client));
    const now = Math.floor(Date.now() / 1000);
    const things: Record<string, unknown>[] = [
      { sk: 'past', ttl: now - 1 },
      { sk: 'future', ttl: now + 60 },
      { sk: 'forever' },
      { sk: 'text', ttl: '1' },
    ];
    for (const thing of things)
      await documents.send(new PutCommand({ TableName, Item: { pk: 'x', ...thing } }));
    const expire = async (ttlAttribute?: string) => {
      const table = { name: TableName, keys, ...(ttlAttribute === undefined ? {} : { ttlAttribute }) };
      const expiry = createExpiry(client, [table]);
      const expired = await expiry.expire();
      expiry.close();
      return expired;
    };

    expect([await expire(), await expire('other')]).toEqual([0, 0]);
    expect(await expire('ttl')).toBe(1);

    const { Items = [] } = await documents.send(new ScanCommand({ TableName }));
    expect(Items.map(({ sk }) => sk).sort()).toEqual(['forever', 'future', 'text']);
  });
});
